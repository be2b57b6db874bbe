"""Test the words of sign-in names and check words: enough of them, and hard to confuse."""

import re
from itertools import combinations

import pytest

from seeds.sign_in_words import WORDS

# Words that sound alike: of each group, at most one may be in the list.
HOMOPHONES = """
pair pear pare; pail pale; peace piece; plain plane; plum plumb; pie pi; peak peek; peal peel; pole poll;
meat meet; sea see; son sun; sail sale; some sum; steel steal; stair stare; tea tee; tail tale; their
there; toe tow; tide tied; wave waive; way weigh; week weak; wood would; whole hole; wait weight; wear
where; write right; wring ring; wrap rap; bear bare; berry bury; blue blew; board bored; beach beech; bean
been; bell belle; brake break; bread bred; buy by; cell sell; cent scent; chord cord; cymbal symbol;
cellar seller; carrot carat; canvas canvass; cheap cheep; core corps; dear deer; doe dough; die dye; ewe
yew; fair fare; fir fur; flower flour; flea flee; fowl foul; four for; gate gait; great grate; hair hare;
hall haul; heal heel; hear here; hour our; knight night; knot not; lane lain; leaf lief; links lynx; loan
lone; made maid; mail male; main mane; maize maze; mint minute; moose mousse; muscle mussel; nose knows;
oar ore; one won; pause paws; pea pee; pedal peddle; pearl purl; prince prints; quarts quartz; rain reign
rein; read reed; road rode; role roll; root route; rose rows; rye wry; scene seen; seam seem; serial
cereal; shoe shoo; sleigh slay; soar sore; sole soul; stake steak; style stile; sweet suite; thyme time;
tire tyre; two too; toad towed; throne thrown; vale veil; vane vain vein; waist waste; weather whether;
whale wail; wheel weal; whine wine; which witch; yoke yolk; aisle isle; altar alter; ant aunt; bald
bawled; ball bawl; band banned; baron barren; base bass; bough bow; bolder boulder; ceiling sealing; choir
quire; climb clime; coarse course; colonel kernel; council counsel; creak creek; crews cruise; current
currant; desert dessert; dual duel; earn urn; farther father; find fined; gorilla guerrilla; hangar
hanger; hoarse horse; idle idol; key quay; lessen lesson; lightning lightening; manner manor; medal
meddle; metal mettle; miner minor; mustard mustered; naval navel; passed past; patience patients;
principal principle; profit prophet; racket racquet; sauce source; sight site; stationary stationery;
storey story; tear tier; tern turn; vial vile
"""


def test_there_are_1024_different_words_in_order():
    assert len(WORDS) == 1024
    assert list(WORDS) == sorted(set(WORDS))


def test_a_word_is_three_to_seven_plain_letters():
    assert [word for word in WORDS if not re.fullmatch("[a-z]{3,7}", word)] == []


@pytest.mark.parametrize("ending", ["s", "es"])
def test_no_word_is_the_plural_of_another(ending):
    assert [word for word in WORDS if word + ending in WORDS] == []


def test_no_word_sounds_like_another():
    groups = [set(group.split()) for group in HOMOPHONES.split(";")]
    known = set(WORDS)
    assert [pair for group in groups for pair in combinations(sorted(group & known), 2)] == []
