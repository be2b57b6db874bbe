"""The closed lists of all values in the content.

Slugs are stored in databases and sent to clients, so a slug is never renamed. Labels are for people and may change.
"""

CATEGORIES: dict[str, str] = {
    "cook_taste": "Cook and taste",
    "play": "Play",
    "learn": "Learn",
    "make": "Make",
    "outdoors": "Outdoors",
    "move": "Move",
    "culture": "Culture",
    "give_back": "Give back",
    "getaway": "Get away",
    "everyday": "Everyday",
    "remember": "Remember",
    "talk": "Talk",
    "apart": "Together, apart",
    "solo": "On my own",
}

# What a person likes who likes a category: its theme, to be named in the middle of a sentence.
CATEGORY_THEMES: dict[str, str] = {
    "cook_taste": "cooking and tasting",
    "play": "playing",
    "learn": "learning",
    "make": "making things",
    "outdoors": "the outdoors",
    "move": "moving",
    "culture": "culture",
    "give_back": "helping others",
    "getaway": "trips",
    "everyday": "everyday things",
    "remember": "looking back",
    "talk": "good talks",
    "apart": "things for two homes",
    "solo": "time alone",
}

# Tags that begin with "cause_" name a cause to volunteer for.
TAGS: dict[str, str] = {
    "animals": "Animals",
    "art": "Art",
    "bike": "Cycling",
    "books": "Books",
    "calm": "Quiet things",
    "cause_access": "Cause: a town for everyone",
    "cause_animals": "Cause: animals",
    "cause_food": "Cause: food for all",
    "cause_history": "Cause: keeping the past",
    "cause_nature": "Cause: nature",
    "cause_neighbours": "Cause: neighbours",
    "cause_reading": "Cause: reading",
    "cause_research": "Cause: science for all",
    "cause_waste": "Cause: less waste",
    "chores": "Lighter chores",
    "coffee": "Coffee or tea",
    "craft": "Craft",
    "dance": "Dance",
    "film": "Film",
    "first_time": "First times",
    "food": "Food",
    "games": "Games",
    "garden": "Garden",
    "hike": "Hiking",
    "history": "History",
    "language": "Language",
    "letters": "Letters and messages",
    "listening": "Listening",
    "memories": "Memories",
    "music": "Music",
    "nature": "Nature",
    "new_hobby": "New hobbies",
    "night_sky": "Night sky",
    "overnight": "Nights away",
    "phone_free": "Phone-free time",
    "photo": "Photos",
    "picnic": "Picnics",
    "planning": "Planning",
    "puzzle": "Puzzles",
    "rainy_day": "Rainy-day ideas",
    "reading": "Reading",
    "repair": "Repairs",
    "rest": "Rest",
    "science": "Science",
    "skill": "Useful skills",
    "snow": "Snow and ice",
    "sport": "Sport",
    "talking": "Talking",
    "theatre": "Theatre and stage",
    "touch": "Warm touch",
    "train": "Trains and buses",
    "treat": "Small treats",
    "walk": "Walks",
    "water": "Water",
    "writing": "Writing",
}

# What a person may choose in a profile: all tags, divided into causes and interests.
CAUSES: dict[str, str] = {tag: label for tag, label in TAGS.items() if tag.startswith("cause_")}
INTERESTS: dict[str, str] = {tag: label for tag, label in TAGS.items() if tag not in CAUSES}

PARTIES: dict[str, str] = {"one": "For one", "two": "For two", "either": "For one or two"}
SETTINGS: dict[str, str] = {"home": "At home", "out": "Out, nearby", "away": "Away"}
SHELTERS: dict[str, str] = {"indoor": "Indoors", "outdoor": "Outdoors", "either": "Indoors or outdoors"}
SEASONS: dict[str, str] = {"spring": "Spring", "summer": "Summer", "autumn": "Autumn", "winter": "Winter"}
WEATHERS: dict[str, str] = {
    "any": "Any weather",
    "dry": "Dry",
    "mild": "Dry and mild",
    "dark": "A dark, clear sky",
}
TIMES_OF_DAY: dict[str, str] = {
    "morning": "Morning",
    "afternoon": "Afternoon",
    "evening": "Evening",
    "night": "Night",
}
# What the sun must do. "any" also holds for what has light of its own.
LIGHTS: dict[str, str] = {
    "any": "Any light",
    "sunrise": "At sunrise",
    "day": "By daylight",
    "dusk": "At dusk",
    "dark": "After dark",
}
WITH_CHILDREN: dict[str, str] = {
    "no": "Without children",
    "asleep": "Possible while children sleep",
    "awake": "Possible with children, but too loud while they sleep",
    "yes": "Possible with children",
}
CHILD_AGES: dict[str, str] = {"small": "Up to 5", "school": "6 to 11", "teens": "12 and over"}

# A pace describes what the activity asks for, never the relationship of the two people.
PACES: dict[int, str] = {
    1: "Afar: alone, or each at their own place",
    2: "Light: in public, up to 90 minutes, easy to leave",
    3: "Shared: a task or half a day together",
    4: "Home: memories, plans and personal talk",
    5: "Close: a night away or physical closeness",
}
# In units of U, the price of a simple meal for two, which the instance sets.
COST_BANDS: dict[int, str] = {
    0: "Free",
    1: "Up to half a simple meal for two",
    2: "About a simple meal for two",
    3: "Up to four simple meals for two",
    4: "More",
}

ACCESS_FEATURES: dict[str, str] = {
    "step_free": "Without steps",
    "seated": "Can be done sitting down",
    "quiet": "Quiet surroundings",
    "low_vision": "Works with low vision",
    "low_hearing": "Works with low hearing",
}
ACCESS_LEVELS: dict[str, str] = {
    "yes": "Yes",
    "adaptable": "With a change",
    "no": "No",
    "unknown": "Ask the place",
}

PROMPT_KINDS: dict[str, str] = {
    "kindness": "Kindness",
    "effort": "Effort",
    "quality": "A good quality",
    "memory": "Memory",
    "good_news": "Good news",
    "reflection": "Reflection",
    "check_in": "Check-in",
    "conversation": "Conversation",
    "self_care": "Self-care",
}
TONES: dict[str, str] = {"warm": "Warm", "light": "Light", "serious": "Serious", "calm": "Calm"}
AUDIENCES: dict[str, str] = {
    "self": "About oneself, also without a partner",
    "partner": "About or for the partner",
}
# Events after which a prompt would hurt, so it is left out for a while.
AVOID_AFTER: dict[str, str] = {"declined": "After a declined proposal", "heavy_date": "After a heavy date"}

GUIDE_KINDS: dict[str, str] = {
    "listening": "Listening",
    "plans": "Plans",
    "difference": "Where two wishes differ",
    "repair": "After a slip",
    "reappraisal": "A second look, alone",
}
SPEAKERS: dict[str, str] = {
    "first": "The first speaker",
    "second": "The second speaker",
    "both": "Both",
    "self": "On your own",
}
RESOURCE_AUDIENCES: dict[str, str] = {"individual": "For one person", "couple": "For two"}
# What to check before choosing a helper, and how important it is for a role.
CRITERIA: dict[str, str] = {
    "licensed": "Licensed or registered",
    "couples_specialism": "Trained for work with couples",
    "abuse_screening": "Sees each person alone first, and asks about fear and harm",
    "fee": "Says the fee beforehand",
    "access": "Can be reached: place, hours, language, steps, online",
    "independent_reviews": "Reviewed independently",
}
CRITERION_LEVELS: dict[str, str] = {"must": "Needed", "ask": "Worth asking", "none": "Does not apply"}
