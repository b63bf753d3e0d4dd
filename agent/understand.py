"""Understands an utterance: text and the session's memory in, an `Understanding` out, with at most one model call.

What code can tell for sure (a plain yes, a size, a name out of the graph, a colour of the catalogue) code tells; the
model says what the customer is after and which words play which part. A slot that the model fills in counts only
if the utterance supports it.
"""

import asyncio
import logging
import re
from collections.abc import Container, Iterator, Sequence
from string import Template
from typing import Any, Literal, get_args

from langchain_core.messages import BaseMessage, SystemMessage
from pydantic import BaseModel, Field, create_model
from rapidfuzz import fuzz

from agent.dialogue_model import DialogueModel, ModelCall, schema_of
from agent.instructed import InstructedModel, worked
from agent.languages import identify
from agent.lexicon import Lexicon
from agent.small_talk import LIKELY, SURE, SmallTalk
from agent.spoken.ordinals import OrdinalMatch
from agent.state import Dialogue, Focus
from agent.terms import ShopTerms, has_no_capitals, place_ordinals
from agent.understanding import Intent, NamedEntity, Understanding
from prompts.loading import Example
from tools.errors import ModelServerError
from tools.linking import CERTAIN, Mention, NameLinker
from tools.ontology import Ontology

log = logging.getLogger(__name__)
MAX_UTTERANCE = 600
FEW_WORDS = 4
SHORT = 60
"""Letters of an utterance that says one thing."""
LEAST_WHOLE = 0.35
SUPPORTED = 85.0
LIKELY_NAME = 0.44
"""A name of this score is one if the model says so, though nothing of the graph is asked: "tarantino" alone."""
SURE_LINK = 0.65
"""Words that the model takes for a name and that are less like one than this are only a guess at it."""
PAUSES = tuple("，、。！？；：,.!?;: …।")
_CAPITALISED = re.compile(r"(?<=[^\W\d_A-Z] )[A-Z]\w{3,}")
_OPENING_WORDS = 3  # a wake phrase that was misheard is no name
MODEL_INTENTS = (
    "find", "fact", "stock", "price", "buy", "change", "choose", "compare", "cancel", "yes", "no", "feedback", "chat",
    "help", "staff", "bye",
)  # fmt: skip
PRODUCT_ATTRIBUTES = ("price", "stock", "size", "color", "material", "description")
TALK = ("chat", "help")
"""What the model takes small talk for."""
STATES = {
    "purchase": "offer",
    "choice": "list",
    "size": "size",
    "name": "name",
    "confirmation": "confirm",
    "feedback": "feedback",
}


class Form(BaseModel):
    """What the model fills in. The shop's ontology adds its slots and ordinals (`form_of`)."""

    intent: str
    item: str = ""
    asked: str = ""


def form_of(ontology: Ontology) -> type[Form]:
    """The form for a shop: its slots for names, a number for each type with an order, and what can be asked for."""
    shown = [name for name, declared in ontology.types.items() if not declared.hidden]
    properties = {name for declared in ontology.types.values() for name in declared.properties}
    asked = tuple(dict.fromkeys([*(name.lower() for name in shown), *sorted(properties), *PRODUCT_ATTRIBUTES]))
    fields: dict[str, Any] = {
        "intent": (Literal[MODEL_INTENTS], ...),  # type: ignore[valid-type]
        "item": (str, Field(default="", max_length=60)),
    }
    for slot in ontology.slots:
        fields[slot] = (str, Field(default="", max_length=60))
    for name in ordered_types(ontology):
        fields[f"{name.lower()}_no"] = (int, Field(default=0, ge=-1, le=20))
    fields["asked"] = (Literal[asked], Field(default=""))  # type: ignore[valid-type]
    return create_model("Form", __base__=Form, **fields)


def ordered_types(ontology: Ontology) -> list[str]:
    """Types whose nodes have places in an order, so that "the first" of them means something."""
    return [name for name, declared in ontology.types.items() if declared.order_by and not declared.hidden]


def fixed_messages(prompt: str, ontology: Ontology, examples: Sequence[Example]) -> tuple[BaseMessage, ...]:
    """The part of the prompt that is the same in every turn: instructions and worked examples."""
    shown = [name.lower() for name, declared in ontology.types.items() if not declared.hidden]
    text = Template(prompt).safe_substitute(
        types=", ".join(shown),
        slots=". ".join(f"{name}: {slot.help}" for name, slot in ontology.slots.items()),
        ordinals=", ".join(f"{name.lower()}_no" for name in ordered_types(ontology)) or "numbers",
    )
    allowed = set(schema_of(form_of(ontology))["properties"])
    fitting = [
        example.model_copy(update={"form": {key: value for key, value in example.form.items() if key in allowed}})
        for example in examples
    ]
    return (SystemMessage(text), *worked(fitting))


class Understander:
    """Understands utterances in one shop."""

    CALL = ModelCall(slot=0, max_tokens=120, timeout_s=12.0)

    def __init__(
        self,
        model: DialogueModel,
        lexicon: Lexicon,
        linker: NameLinker,
        terms: ShopTerms,
        small_talk: SmallTalk,
        prompt: str,
        examples: Sequence[Example],
        wake_phrases: Sequence[str] = (),
    ) -> None:
        self._model = model
        self._lexicon = lexicon
        self._linker = linker
        self._terms = terms
        self._small_talk = small_talk
        self._wake_phrases = tuple(wake_phrases)
        self.model = InstructedModel(
            "understand", model, fixed_messages(prompt, terms.ontology, examples), form_of(terms.ontology), self.CALL
        )

    async def understand(self, utterance: str, dialogue: Dialogue) -> Understanding:
        """What the customer means now. Never raises for what a customer says or a model answers."""
        text = self._lexicon.strip_wake_phrase(utterance, self._wake_phrases).strip()
        if not text:
            return self._bare(text, dialogue.language, "empty" if not utterance.strip() else "chat")
        if len(text) > MAX_UTTERANCE:
            return self._bare(text[:MAX_UTTERANCE], identify(text[:MAX_UTTERANCE], dialogue.language), "too_long")
        if (wanted := self._language_wish(text, dialogue)) and wanted != dialogue.language:
            return self._bare(text, wanted, "language")
        mentions = [mention for mention in self._linker.find(text) if mention.candidates]
        mentions = self._terms.with_goods(text, mentions)
        language = dialogue.language
        if not dialogue.language_is_chosen:
            language = identify(_without_names(text, mentions), language, self._terms.words)
        read = self._read(text, language, mentions, dialogue)
        if (sure := self._by_lexicon(read, dialogue)) is not None:
            return sure
        may_be_talk = dialogue.awaiting != "feedback" and not self._names_goods(read)
        topic = await asyncio.to_thread(self._small_talk.topic, text, LIKELY) if may_be_talk else None
        if topic is not None and topic.likeness >= SURE:
            return read.model_copy(update={"intent": "chat", "source": "lexicon", "topic": topic.name, "names": ()})
        dialogue.language = language  # who has to wait for the model is told so in it
        try:
            form = await self.model.ask(f"[{STATES.get(dialogue.awaiting or '', 'start')}] {text}")
        except ModelServerError as error:
            log.error("understanding without the model: %s", error)
            return self._without_model(read, dialogue)
        understood = self._merge(read, form, dialogue)
        is_talk = understood.intent in TALK or self._wishes_for_nothing(understood, dialogue)
        if topic is not None and is_talk and not understood.names:
            return understood.model_copy(update={"intent": "chat", "topic": topic.name})
        return understood

    def _language_wish(self, text: str, dialogue: Dialogue) -> str | None:
        """The language that is asked for; a sentence that names goods as well asks for these."""
        wanted = self._lexicon.language_wish(text, dialogue.language)
        if wanted is None or wanted == self._lexicon.language_request(text):
            return wanted
        return None if self._terms.attributes(text, dialogue.language, [], []).categories else wanted

    @staticmethod
    def _bare(text: str, language: str, intent: Intent) -> Understanding:
        return Understanding(text=text, language=language, intent=intent, source="lexicon")

    def _read(self, text: str, language: str, mentions: list[Mention], dialogue: Dialogue) -> Understanding:
        """All that code alone can tell of the utterance; its intent is still open."""
        option, taken = self._terms.shown_by_name(text, [focus.name for focus in dialogue.shown])
        mentions = [
            mention
            for mention in mentions
            if not any(mention.start < end and start < mention.end for start, end in taken)
            and not self._terms.is_attribute(mention, text, language)
        ]
        mentions = [self._terms.weighed(mention, text) for mention in mentions]
        names = [mention for mention in mentions if is_sure(mention)]
        attributes = self._terms.attributes(
            text, language, self._no_goods(text, names), self._lexicon.negated_spans(text)
        )
        limit = self._lexicon.price_limit(text)
        ordinals = self._lexicon.ordinals(text)
        placed = place_ordinals(self._terms.ontology, text, ordinals, self._lexicon.numbers(text))
        size = self._lexicon.size(text, dialogue.focus.sizes if dialogue.focus else ())
        wants_size = size is not None and (size.cue or dialogue.awaiting == "size")
        return Understanding(
            text=text,
            language=language,
            intent="unclear",
            source="fallback",
            categories=attributes.categories,
            colours=attributes.colours,
            materials=attributes.materials,
            features=attributes.features,
            excluded=attributes.excluded,
            size=size.value if size and wants_size else self._size_beside(text, dialogue.focus),
            quantity=self._lexicon.quantity(text),
            max_price=limit.amount if limit and limit.kind == "max" else None,
            min_price=limit.least if limit and limit.kind == "max" else limit.amount if limit else None,
            cheaper=self._cheaper(text),
            names=tuple(NamedEntity(slot=None, mention=mention) for mention in mentions),
            ordinals=placed,
            option=self._lexicon.choice(text, bare=dialogue.awaiting == "choice")
            or option
            or self._loose_ordinal(ordinals, placed, dialogue),
            rating=self._lexicon.rating(text),
            goes_on=self._lexicon.goes_on(text),
            points_at=self._points_at(text),
            years=self._lexicon.years(text),
            recipient=self._lexicon.recipient(text),
            wants_more=self._lexicon.is_more(text),
        )

    def _size_beside(self, text: str, focus: Focus | None) -> str:
        """The size that is one larger or smaller than that of the product in focus, if that was asked for."""
        step = self._lexicon.size_step(text) if focus is not None else 0
        if focus is None or not step or focus.size not in focus.sizes:
            return ""
        place = focus.sizes.index(focus.size) + step
        return focus.sizes[place] if 0 <= place < len(focus.sizes) else ""

    def _no_goods(self, text: str, names: Sequence[Mention]) -> list[tuple[int, int]]:
        """Where words speak of no goods, though they look like it: in names and in turns of phrase."""
        return [*((mention.start, mention.end) for mention in names), *self._lexicon.not_goods_spans(text)]

    @staticmethod
    def _loose_ordinal(said: Sequence[OrdinalMatch], placed: dict[str, int], dialogue: Dialogue) -> int | None:
        """An ordinal that counts nothing of the graph picks one of the options shown ("how much is the first?")."""
        return said[0].value if len(said) == 1 and not placed and len(dialogue.shown) > 1 else None

    def _cheaper(self, text: str) -> bool | None:
        comparative = self._lexicon.comparative(text)
        return None if comparative is None else comparative == "cheaper"

    def _by_lexicon(self, read: Understanding, dialogue: Dialogue) -> Understanding | None:
        """The whole utterance is a plain phrase that needs no model: yes, no, goodbye, the second one, 43."""
        lexicon, text = self._lexicon, read.text
        intent: Intent | None = None
        if (consent := lexicon.consent(text)) is not None:
            intent = consent
        elif dialogue.turn <= 1 and lexicon.is_greeting(text):
            intent = "chat"
        elif dialogue.awaiting == "name" and read.names:
            intent = "choose"
        elif lexicon.is_cancel(text):
            intent = "cancel"
        elif dialogue.order is not None and lexicon.gives_up(text) and not self._changes_something(read):
            intent = "no"
        elif lexicon.is_goodbye(text):
            intent = "bye"
        elif lexicon.is_thanks(text):
            intent = "thanks"
        elif lexicon.is_buy(text):
            intent = "buy"
        elif read.wants_more and dialogue.search is not None:
            intent = "find"
        elif lexicon.is_help(text):
            intent = "help"
        elif lexicon.is_staff(text):
            intent = "staff"
        elif lexicon.choice(text, bare=dialogue.awaiting == "choice") is not None and dialogue.shown:
            intent = "choose"
        elif self._says_another_size(read, dialogue):
            intent = "buy" if lexicon.has_buy_verb(text) else "change"
        if intent is None:
            return None
        return read.model_copy(update={"intent": intent, "source": "lexicon", "names": self._sure_names(read)})

    def _merge(self, read: Understanding, form: Form, dialogue: Dialogue) -> Understanding:
        """The model's form over what code has read: its slots only where the utterance supports them."""
        text = read.text
        item = form.item if self._supported(form.item, text) else ""
        own = self._terms.attributes(form.item, read.language, [], []).categories
        # "an umbrella that fits into my bag": what the item names is wanted, not all that is mentioned
        categories = tuple(key for key in read.categories if key in own) or read.categories or own
        names, unknown = self._with_slots(read, form)
        updates: dict[str, Any] = {
            "intent": self._settle_intent(form.intent, bool(item), read, dialogue),
            "size": read.size or self._bare_size(form.intent, read),
            "source": "model",
            "item": item,
            "categories": categories,
            "names": names,
            "unknown_names": unknown,
            "ordinals": read.ordinals or self._ordinals_of(form, read),
            "asked": self._terms.other_end(self._terms.key_of_asked(form.asked, text), names, text),
        }
        if updates["intent"] == "buy" and self._takes_it(read):
            updates |= {"names": (), "unknown_names": ()}  # "for my dad" is nobody of the films
        if updates["intent"] == "fact" and self._lexicon.question(text) == "material":
            updates["asked"] = "material"
        elif updates["intent"] == "fact" and form.intent != "fact":
            updates["asked"] = self._terms.key_of_asked("", text)
        return read.model_copy(update=updates)

    def _bare_size(self, said: str, read: Understanding) -> str:
        """A number that nothing marks as a size is one where the size could be what is to change."""
        may_be_size = said in ("change", "stock") or (said in ("find", "buy") and read.categories)
        size = self._lexicon.size(read.text) if may_be_size and not read.quantity else None
        return size.value if size else ""

    def _settle_intent(self, said: str, names_goods: bool, read: Understanding, dialogue: Dialogue) -> Intent:
        """The model's intent, mended where the utterance's own slots contradict it."""
        if said == "feedback" and dialogue.awaiting != "feedback" and self._only_thanks(read.text):
            return "thanks"
        if said == "compare" and self._says_only_qualities(read):
            return "change"
        if said == "find" and read.cheaper is not None and self._names_several_goods(read):
            return "compare"
        if read.rating and not read.quantity and said in ("change", "choose", "chat", "compare"):
            return "feedback"
        if said == "cancel" and self._lexicon.is_told_not_to_cancel(read.text):
            return "unclear"
        if said == "chat" and read.categories:
            return "find"
        if said in ("find", "change") and dialogue.shown and self._takes_it(read):
            return "buy"
        if (asks := self._lexicon.question(read.text)) and self._asks_of_goods(read, dialogue):
            return "price" if asks == "price" else "fact"
        if said == "find" and (self._asks_of_the_graph(read, dialogue) or self._asks_what_it_was(read, dialogue)):
            return "fact"
        if said == "find" and (dialogue.shown or dialogue.focus) and self._says_only_a_variant(read):
            return "change"
        wants_it = dialogue.shown and self._lexicon.has_buy_verb(read.text)
        if wants_it and (said in ("change", "choose", "yes") or (said == "find" and read.option)):
            return "buy"
        if said in ("change", "choose") and read.ordinals and dialogue.known_nodes:
            return "find"
        if said == "choose" and not read.option and (read.materials or read.features or read.excluded):
            return "change"
        if said == "change" and not self._changes_something(read):
            return "find" if names_goods else "unclear"
        if said in ("change", "stock") and dialogue.focus is None and not dialogue.shown:
            return "find"
        if said == "choose" and not dialogue.shown:
            return "find" if read.categories or read.names else "unclear"
        return said if said in get_args(Intent) else "unclear"  # type: ignore[return-value]

    def _wishes_for_nothing(self, understood: Understanding, dialogue: Dialogue) -> bool:
        """Whether what the model takes for a wish names nothing that could be had, before there was talk of goods."""
        is_open = dialogue.focus is None and not dialogue.shown and not dialogue.known_nodes
        says = understood.features or self._terms.asks_the_graph(understood.text)
        return understood.intent == "find" and is_open and not says and not self._names_goods(understood)

    def _only_thanks(self, text: str) -> bool:
        """Whether thanks are said and nothing of how it was."""
        return self._lexicon.has_thanks(text) and self._lexicon.tone(text) is None

    def _names_goods(self, read: Understanding) -> bool:
        """Whether goods, names or qualities were said, so that it is more than talk."""
        said = (read.categories, read.colours, read.materials, self._sure_names(read), read.size, read.max_price)
        return any(said) or read.quantity is not None

    def _says_another_size(self, read: Understanding, dialogue: Dialogue) -> bool:
        """Whether little more is said than the size that was asked for, or another one of the product in focus."""
        focus = dialogue.focus
        if dialogue.awaiting == "size" and read.size and len(read.text.split()) <= FEW_WORDS:
            return True
        if focus is None or len(read.text) > SHORT or read.size not in focus.sizes or read.size == focus.size:
            return False
        says_more = (read.categories, read.materials, read.names, read.max_price, read.quantity)
        return not any(says_more) and not self._lexicon.negated_spans(read.text)

    def _says_only_a_variant(self, read: Understanding) -> bool:
        """Whether a colour or size is all that was said of goods: of those on the table then."""
        qualities = (read.materials, read.features)
        says_more = (read.categories, *qualities, read.ordinals, self._sure_names(read), read.max_price)
        return bool(read.colours or read.size) and not any(says_more)

    def _says_only_qualities(self, read: Understanding) -> bool:
        """Whether one thing is described, where two would have to be named to be compared."""
        says_more = (read.categories, read.names, read.max_price, read.option)
        return bool(read.colours or read.size or read.features) and not any(says_more) and read.cheaper is None

    def _asks_of_goods(self, read: Understanding, dialogue: Dialogue) -> bool:
        """Whether a plain question is about goods on the table, or about goods that it names."""
        named = any(name.mention.candidates[0].node_type == self._terms.product_type for name in self._sure_names(read))
        return named or bool(dialogue.shown and not read.categories)

    def _names_several_goods(self, read: Understanding) -> bool:
        goods = [name for name in read.names if name.mention.candidates[0].node_type == self._terms.product_type]
        return len(goods) > 1

    def _asks_of_the_graph(self, read: Understanding, dialogue: Dialogue) -> bool:
        """Whether a question names no goods but what the graph tells of what was named or is being talked about: "who
        made it?", "all films that Tarantino made"."""
        says = (read.categories, read.colours, read.materials, read.ordinals)
        relations = self._terms.ontology.relations_said(read.text)
        is_about = dialogue.known_nodes or self._sure_names(read)
        if any(says) or not relations or any(map(self._terms.leads_to_goods, relations)):
            return False
        return bool(is_about and self._terms.key_of_asked("", read.text))

    def _asks_what_it_was(self, read: Understanding, dialogue: Dialogue) -> bool:
        """Whether nothing but a node of the graph that was spoken of is asked for: "and which film was that?"."""
        known = {node.type for node in dialogue.known_nodes}
        says = (read.categories, read.colours, read.materials, read.features, read.ordinals, self._sure_names(read))
        return self._terms.key_of_asked("", read.text) in known and not any(says)

    def _takes_it(self, read: Understanding) -> bool:
        """Whether what is in focus is taken, and nothing else is named."""
        return not read.categories and not self._sure_names(read) and self._lexicon.takes_it(read.text)

    def _changes_something(self, read: Understanding) -> bool:
        """Whether anything was said that another product or variant could have."""
        kinds = (
            read.categories,
            read.colours,
            read.materials,
            read.features,
            read.excluded,
            read.size,
            self._bare_size("change", read),
        )
        limits = (read.quantity, read.max_price, read.min_price, read.option)
        return any(kinds) or any(limits) or read.cheaper is not None

    def _without_model(self, read: Understanding, dialogue: Dialogue) -> Understanding:
        """A plain reading when the model is away: names, kinds and attributes still find things."""
        names = self._sure_names(read)
        on_the_table = dialogue.focus is not None or bool(dialogue.shown)
        asked = self._terms.key_of_asked("", read.text)
        if on_the_table and self._lexicon.has_buy_verb(read.text) and not self._lexicon.negated_spans(read.text):
            intent: Intent = "buy"
        elif asked and self._terms.ontology.relations_said(read.text) and not read.categories:
            intent = "fact"
        elif names or read.categories:
            intent = "find"
        elif on_the_table and (read.colours or read.size or read.quantity):
            intent = "change"
        elif read.colours or read.materials:
            intent = "find"
        else:
            intent = "feedback" if dialogue.awaiting == "feedback" else "unclear"
        return read.model_copy(update={"intent": intent, "names": names, "asked": asked})

    def _sure_names(self, read: Understanding) -> tuple[NamedEntity, ...]:
        return tuple(
            name
            for name in read.names
            if is_sure(name.mention) or is_whole_name(name.mention, self._terms.product_type)
        )

    def _with_slots(self, read: Understanding, form: Form) -> tuple[tuple[NamedEntity, ...], tuple[str, ...]]:
        """Names with the slots the model read them in, and names that it read but nobody knows."""
        kept = {name.mention.start: name for name in self._sure_names(read)}
        unknown: list[str] = []
        asks_the_graph = self._terms.asks_the_graph(read.text) or self._fills_two_slots(read, form)
        for slot in self._terms.ontology.slots:
            value = str(getattr(form, slot, "")).strip()
            if not value or not self._supported(value, read.text):
                continue
            if self._terms.is_of_goods(value, read.language):
                continue  # "V-neck" is nobody
            inside = [name for name in read.names if _overlaps(name.mention, value, read.text)]
            for name in inside:
                if asks_the_graph or name.mention.candidates[0].score >= LIKELY_NAME:
                    kept[name.mention.start] = name.model_copy(update={"slot": slot})
            if inside or not asks_the_graph or self._points_at(value):
                continue
            types = {self._terms.ontology.slots[slot].type}
            linked = self._linker.link(value, types) or self._linker.link(value)
            if linked and linked.candidates[0].score >= SURE_LINK:
                start = max(read.text.casefold().find(value.casefold()), 0)
                kept[start] = NamedEntity(slot=slot, mention=linked.model_copy(update={"start": start}))
            elif self._may_be_unknown(value, form, read.text):
                start = max(read.text.casefold().find(value.casefold()), 0)
                guess = self._guess(value, start, types, slot)
                if guess is None:
                    unknown.append(value)
                else:
                    kept.setdefault(start, guess)
        if not unknown and asks_the_graph:
            for guess in self._passed_over(read.text, list(kept.values())):
                kept[guess.mention.start] = guess
        return tuple(kept[start] for start in sorted(kept)), tuple(unknown)

    def _may_be_unknown(self, value: str, form: Form, text: str) -> bool:
        """Whether words that the model takes for a name could be one that nobody here knows, and are no kind of goods:
        the item itself (German capitalises it, too) or a word of the graph for it."""
        words = self._terms.ontology.type_words(value)
        is_goods = value.casefold() in form.item.casefold() or any(len(word.surface) == len(value) for word in words)
        return not is_goods and self._terms.looks_like_a_name(value) and not _is_apart(value, text)

    def _fills_two_slots(self, read: Understanding, form: Form) -> bool:
        """Whether the model reads two names that are written as such: somebody's hat in a film, though no word of the
        graph says so."""
        values = [str(getattr(form, slot, "")).strip() for slot in self._terms.ontology.slots]
        named = [value for value in values if value[:1].isupper() and value in read.text]
        return len({value for value in named if self._terms.looks_like_a_name(value)}) > 1

    def _points_at(self, text: str) -> tuple[str, ...]:
        """Types of the graph whose word is pointed at: "that film"."""
        words = self._terms.ontology.type_words(text)
        return tuple(dict.fromkeys(word.key for word in words if self._lexicon.is_pointed_at(text, word.start)))

    def _guess(self, said: str, start: int, types: Container[str], slot: str | None) -> NamedEntity | None:
        """A name that nobody has as what it sounds like."""
        heard = self._linker.sounding_like(said, types)
        if heard is None:
            return None
        mention = heard.model_copy(update={"start": start, "end": start + len(said)})
        return NamedEntity(slot=slot, mention=mention, is_guess=True)

    def _passed_over(self, text: str, names: Sequence[NamedEntity]) -> Iterator[NamedEntity]:
        """Capitalised words that neither code nor model took for a name, and that sound like one: misheard, perhaps."""
        types = {slot.type for slot in self._terms.ontology.slots.values()}
        taken = [(name.mention.start, name.mention.end) for name in names]
        for word in _CAPITALISED.finditer(text):
            is_opening = len(text[: word.start()].split()) < _OPENING_WORDS
            is_taken = is_opening or any(start < word.end() and word.start() < end for start, end in taken)
            if not is_taken and self._terms.looks_like_a_name(word[0]):
                guess = self._guess(word[0], word.start(), types, None)
                if guess is not None:
                    yield guess

    def _ordinals_of(self, form: Form, read: Understanding) -> dict[str, int]:
        """The model's ordinals, if the utterance has that ordinal at all."""
        said = {match.value for match in self._lexicon.ordinals(read.text)}
        numbers = {name: int(getattr(form, f"{name.lower()}_no", 0)) for name in ordered_types(self._terms.ontology)}
        return {name: number for name, number in numbers.items() if number and number in said}

    @staticmethod
    def _supported(value: str, text: str) -> bool:
        """Whether the words stand in the utterance, give or take a misspelling."""
        return bool(value) and fuzz.partial_ratio(value.casefold(), text.casefold()) >= SUPPORTED


def is_sure(mention: Mention) -> bool:
    """Whether a mention is more likely a name than ordinary words."""
    return bool(mention.candidates) and mention.candidates[0].score >= CERTAIN


def is_whole_name(mention: Mention, node_type: str) -> bool:
    """Whether several words spell a whole name of that type, though each of them is an ordinary word."""
    return any(
        item.node_type == node_type and item.score >= LEAST_WHOLE and len(mention.text.split()) > 1
        for item in mention.candidates[:1]
    )


def _without_names(text: str, mentions: Sequence[Mention]) -> str:
    """The text without the names in it, as a name says nothing of the language it is said in."""
    kept, place = "", 0
    for mention in mentions:
        if is_sure(mention):
            kept, place = kept + text[place : mention.start], mention.end
    return kept + text[place:]


def _is_apart(value: str, text: str) -> bool:
    """Whether words in a script without capitals stand before a pause, where a name would be tied to what it did."""
    end = text.find(value) + len(value)
    return has_no_capitals(value) and value in text and text[end : end + 1] in PAUSES


def _overlaps(mention: Mention, value: str, text: str) -> bool:
    """Whether a mention lies in the words that the model put into a slot."""
    start = text.casefold().find(value.casefold())
    if start < 0:
        return fuzz.partial_ratio(mention.text.casefold(), value.casefold()) >= SUPPORTED
    return mention.start < start + len(value) and start < mention.end
