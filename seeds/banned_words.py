"""Phrases that no text may use, in groups, each with its reason.

Two people in a fragile moment read these texts. A wrong phrase does harm that no test of the code would find, so the
lists are strict. A text that matches by accident is reworded. A phrase matches whole words in any case; `*` matches
any ending.
"""

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Refusal:
    """A group of phrases refused for one reason. `severity` is error, or warning where it is a matter of taste."""

    rule: str
    reason: str
    phrases: str
    severity: str = "error"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return one pattern for the whole group."""
        phrases = (" ".join(phrase.split()) for phrase in self.phrases.split(";"))
        parts = [re.escape(p).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for p in phrases if p]
        return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


class _Prices(Refusal):
    """Prices, which a list of phrases cannot express."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(r"[$€£¥]|\b\d+ ?(?:euros?|dollars?|pounds?|cents?|bucks)\b", re.IGNORECASE)


REFUSED: tuple[Refusal, ...] = (
    Refusal(
        "gendered",
        "a partner may be of any gender",
        """he; she; him; her; his; hers; himself; herself; he's; she's; husband*; wife; wives; hubby;
        boyfriend*; girlfriend*; lady; ladies; gentleman; gentlemen; man; men; woman; women; guy; guys; mr;
        mrs; king; queen""",
    ),
    Refusal(
        "family",
        "not every reader is married or has children",
        """marri*; marriage*; spouse*; wedding*; honeymoon*; vow; vows; engagement ring; fiancé*; fiancee*;
        in-laws; mother-in-law; father-in-law; your kids; our kids; the kids; your children; our children;
        the children; your child; our child; son; daughter; sons; daughters; as parents; your family
        together""",
    ),
    Refusal(
        "money",
        "not every reader has money, a job, a car or a house",
        """salary; savings; mortgage; bonus; your job; your boss; your office; your colleagues; your car;
        our car; your house; your garden; your dog; your cat; afford; expensive; luxur*""",
    ),
    Refusal(
        "belief",
        "not every reader shares a faith or its holidays",
        """god; pray; prays; praying; prayer*; church*; mosque*; temple*; bless*; sacred; soul; souls;
        soulmate*; christmas; easter; ramadan; hanukkah; valentine*; heaven*; karma; spiritual*; spell;
        spells; destiny; fate""",
    ),
    Refusal(
        "brand",
        "a text must not depend on one company, nor advertise it",
        """google; facebook; instagram; whatsapp; tiktok; youtube; netflix; spotify; amazon; uber; airbnb;
        ikea; lego; starbucks; mcdonald*; apple music; iphone; android; zoom; skype; facetime; pinterest;
        polaroid; scrabble; monopoly; uno; jenga; duolingo; twitter; snapchat; nintendo; playstation; xbox;
        wikipedia; tupperware""",
    ),
    _Prices("price", "prices differ from place to place; the cost band says enough", "(figures)"),
    Refusal(
        "region",
        "the same text is read on every continent, and in both hemispheres",
        """america*; europe*; africa*; asia*; australia*; british; britain; england; english; london; paris;
        french; france; german*; ital*; spanish; spain; mexic*; thai; thailand; chinese; china; japan*;
        india; indian; greek; turk*; york; hollywood; january; february; april; june; july; august;
        september; october; november; december; thanksgiving; halloween; dime; mile; miles; fahrenheit""",
    ),
    Refusal(
        "alcohol",
        "no idea may need a drink; some people must stay away from it",
        """wine; wines; beer; beers; cocktail*; champagne; prosecco; whisky; whiskey; gin; vodka; rum; pub;
        pubs; brewer*; vineyard*; winery; alcohol*; drunk; tipsy; booze; liqueur; nightcap; mocktail*;
        hungover""",
    ),
    Refusal(
        "pursuit",
        "no text may help a person to chase another",
        """win back; winning back; win them back; win your partner*; get them back; get back together;
        getting back together; chase*; chasing; pursue*; pursuit; persuade*; convince*; don't give up; never
        give up; keep trying; fight for; beg; begging; plead*; show up at their; turn up at their; wait
        outside; change their mind; second chance; remind them; prove your love; your ex; an ex; no contact;
        signs that they; still love*""",
    ),
    Refusal(
        "jealousy",
        "jealousy is a lever, not an idea for an evening",
        """jealous*; envy; envious; rival*; make them wonder; who they are seeing; who they were with; flirt
        with""",
    ),
    Refusal(
        "absence",
        "absence is not to be used as a lever",
        """make them miss; makes them miss; miss you; misses you; missing you; miss me; absence; play hard
        to get; hard to get; ignore them; silent treatment; keep them waiting; what they lost""",
    ),
    Refusal(
        "secrecy",
        "nothing is done behind a partner's back",
        """secret; secrets; secretly; without telling; don't tell; do not tell; behind their back; check
        their phone; their messages; their location; follow them; find out whether; spy; unannounced;
        surprise them; hide it""",
    ),
    Refusal(
        "guilt",
        "a gift or a thank-you must not ask for anything",
        """guilt*; owe; owes; owed; after all you; your fault; their fault; blame; should have; ought to;
        deserve*; ashamed; shame; sorry enough; make up for; sacrifice*; in return; repay; at least you""",
    ),
    Refusal(
        "consent",
        "no answer to this is ever stored, so only the safety page may ask it",
        "how free do you feel; how free are you; free to say no; safe to say no; allowed to say no",
    ),
    Refusal(
        "diagnosis",
        "an activity planner does not judge minds",
        """narciss*; toxic; gaslight*; codepend*; attachment style; avoidant; anxious; anxiety; depress*;
        bipolar; trauma*; disorder*; symptom*; diagnos*; therapy; heal; heals; healing; addict*; obsess*;
        triggered""",
    ),
    Refusal(
        "promise",
        "no text can promise how two people will feel",
        """guarantee*; will save; will fix; save your relationship; fix your relationship; always works;
        never fails; success rate; proven; scientifically; experts say; studies show; research shows; will
        bring you closer; brings you closer; will love; will feel; will make them; make them feel; fall in
        love; in no time; per cent of couples; your relationship will; happily ever after; meant to be; soul
        mates""",
    ),
    Refusal(
        "score",
        "no scores, no streaks, no duties: missing a day does no harm",
        """streak*; score your; rate your partner; every single day; never miss; don't skip; points for
        kindness; keep count; tally; ratio; quota; challenge yourself to; out of ten""",
    ),
    Refusal(
        "health",
        "bodies and health are taken as they are",
        """diet; diets; dieting; calorie*; lose weight; overweight; slim; burn off; get fit; in shape;
        guilt-free; sin; sinful; detox; cleanse; healthy; unhealthy; stand on your feet; of course you can
        walk""",
    ),
    Refusal(
        "preaching",
        "a text offers, it does not lecture",
        """you must; you need to; you have to; you should; remember that; it is important; it's important;
        be sure to; make sure; true love; communication is; the key to; don't forget; never forget; always
        be; learn to love""",
    ),
    Refusal(
        "bland",
        "a phrase that would fit any idea says nothing about this one",
        """quality time; special moment*; make memories; making memories; create memories; unforgettable;
        magical; magic; spark; romance; romantic; cherish*; precious; journey; wonderful; amazing; awesome;
        perfect; memorable; enjoy each other's company; deep connection; connect; bond; bonding; reconnect*;
        meaningful; unique; adventure; have fun; have a good time; something for everyone; embrace;
        celebrate your love; self-love""",
        "warning",
    ),
)
