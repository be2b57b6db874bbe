"""What becomes of the tables of the catalogue and the recommender."""

from __future__ import annotations

from planner.catalogue.activities import Activity
from planner.privacy.inventory.table_row import TableRow, private
from planner.recommender.decks import DealtCard
from planner.recommender.matches import Match
from planner.recommender.profiles import ProfileRow
from planner.recommender.recommendation_log import RecommendationRow
from planner.recommender.someday_list import SomedayItem
from planner.recommender.votes import VoteRow

TABLES: tuple[TableRow, ...] = (
    # Catalogue
    TableRow(
        Activity,
        Activity.owner,
        on_space=("held", "activities.py hides copies that arrived during space"),
        on_unpair=("changed", "copies that the partner had are retired; dates about them keep the title"),
        on_erase=("anonymised", "deleted; one that a date of two is about keeps its id only"),
        export=("private", "own ideas"),
        shown_to=("ideas", "the partner sees copies of ideas that were proposed"),
    ),
    # Recommender
    private(ProfileRow, ProfileRow.person, "the person's profile"),
    private(VoteRow, VoteRow.person, "the person's votes"),
    private(DealtCard, DealtCard.person, "the person's cards"),
    TableRow(
        Match,
        None,
        on_space=("held", "none is made while one of the two is in space"),
        on_unpair=("changed", "goes"),
        on_erase=("cascaded", "went when the couple ended"),
        export=("private", "as far as it shows"),
        shown_to=("matches", "both see it"),
    ),
    TableRow(
        SomedayItem,
        SomedayItem.added_by,
        on_space=("held", "someday_list.py hides additions that arrived during space"),
        on_unpair=("changed", "goes"),
        on_erase=("deleted", "went when the couple ended"),
        export=("ordinary", "shared by the two"),
        shown_to=("someday_list", "both see it"),
    ),
    private(RecommendationRow, RecommendationRow.person, "suggestions of the last weeks")._replace(
        on_unpair=("changed", "what was suggested was for the two"),
        export=("none", "drawn from what is exported"),
    ),
)
