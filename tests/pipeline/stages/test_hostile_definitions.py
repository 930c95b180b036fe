"""Definitions that nobody should load: each is refused with the place and the kind of its fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.pipeline.stages import PipelineDefinition

BASE = """\
id = "enterprise"
version = 3
name = "Enterprise"
initial = "talk"
loss_reasons = ["price", "other"]
notes_required = ["other"]
override_roles = ["manager"]
scorecards = ["meddicc"]
max_age_days = 300
day_kind = "working"
forecasting = false

[fields]
seats = "number"

[facts]
"contract.signed" = "bool"

[[stages]]
id = "talk"
name = "Talk"
probability.percent = 20
category = "pipeline"
rot_after_days = 14
required = ["seats"]
entry = [{ id = "some", formula = "deal.seats > 0" }]
exit = [{ id = "fit", formula = "deal.qualification.meddicc >= 60%" }]
checklist = [{ id = "demo", name = "Product shown", required = true }]

[[stages]]
id = "offer"
probability.percent = 60
category = "commit"

[[stages]]
id = "won"
kind = "won"
entry = [{ id = "contract", formula = "contract.signed" }]

[[stages]]
id = "lost"
kind = "lost"

[[transitions]]
source = "talk"
target = "offer"
conditions = [{ id = "size", formula = "deal.seats >= 10" }]
roles = ["rep"]
emits = ["welcome"]

[[transitions]]
source = "offer"
target = "won"
automatic = true
priority = 5

[[transitions]]
source = ["talk", "offer"]
target = "lost"

[[transitions]]
source = "lost"
target = "talk"
reopens = true
"""


def _swap(old: str, new: str) -> str:
    assert old in BASE, old
    return BASE.replace(old, new, 1)


def _stage(text: str) -> str:
    return f"{BASE}\n[[stages]]\n{text}\n"


def _move(text: str) -> str:
    return f"{BASE}\n[[transitions]]\n{text}\n"


def _guard(formula: str) -> str:
    return _swap('formula = "deal.seats >= 10"', f"formula = {formula}")


_GUARD = "transitions[0].conditions.size"

WRONG_SHAPE: list[tuple[str, str | bytes, str, str]] = [
    # the file
    ("empty", "", "id", "missing"),
    ("no TOML", "stages = [", "the file", "not_toml"),
    ("JSON", '{"id": "x"}', "the file", "not_toml"),
    ("a NUL", "\0", "the file", "not_toml"),
    ("a NUL in a text", _swap('"Enterprise"', '"Enter\0prise"'), "the file", "not_toml"),
    ("an escape character in a text", _swap('"Enterprise"', '"\x1b[31m"'), "the file", "not_toml"),
    ("latin 1", BASE.replace("Enterprise", "Geschäft").encode("latin-1"), "the file", "encoding"),
    ("UTF-16", BASE.encode("utf-16"), "the file", "encoding"),
    ("a lone surrogate", _swap('"Enterprise"', '"\\ud800"'), "the file", "not_toml"),
    ("random bytes", bytes(range(256)), "the file", "encoding"),
    ("ten megabytes", "#" + "x" * 10_000_000, "the file", "too_large"),
    ("nested arrays", "id = " + "[" * 50_000, "the file", "too_deep"),
    ("nested tables", "id = " + "{a = " * 5_000, "the file", "too_deep"),
    ("a key of a thousand dots", "a." * 1_000 + "b = 1", "the file", "too_deep"),
    ("a key twice", _swap("version = 3", "version = 3\nversion = 4"), "the file", "not_toml"),
    ("a table twice", f"{BASE}\n[facts]\n", "the file", "not_toml"),
    ("a stage as table and list", f"{BASE}\n[stages.x]\nid = 1\n[stages]\n", "the file", "not_toml"),
    ("an inline table that goes on", _swap("probability.percent = 20", "probability = {percent = 20}\nprobability.x = 1"), "the file", "not_toml"),
    ("an endless integer", _swap("version = 3", f"version = {'9' * 5_000}"), "the file", "not_toml"),
    ("a day that is none", _swap("version = 3", "version = 2026-02-30"), "the file", "not_toml"),
    ("an unclosed text", _swap('"Enterprise"', '"Enterprise'), "the file", "not_toml"),
    # keys
    ("no id", _swap('id = "enterprise"', ""), "id", "missing"),
    ("no version", _swap("version = 3", ""), "version", "missing"),
    ("no initial stage", _swap('initial = "talk"', ""), "initial", "missing"),
    ("no stages", "id = 'x'\nversion = 1\ninitial = 'x'", "stages", "missing"),
    ("an unknown key", _swap("version = 3", "version = 3\nautor = 'x'"), "autor", "unknown_key"),
    ("a key in capitals", _swap("version = 3", "Version = 3"), "Version", "unknown_key"),
    ("an unknown key of a stage", _swap("rot_after_days", "rots_after_days"), "stages[0].rots_after_days", "unknown_key"),
    ("an unknown key of a move", _swap("emits", "emit"), "transitions[0].emit", "unknown_key"),
    ("an unknown key of a condition", _swap('{ id = "size",', '{ id = "size", when = "x",'), "transitions[0].conditions[0].when", "unknown_key"),
    ("an unknown key of an item", _swap("required = true }", "needed = true }"), "stages[0].checklist[0].needed", "unknown_key"),
    ("an unknown key of a probability", _swap("percent = 20", "percents = 20"), "stages[0].probability", "missing"),
    ("an unknown key of the rules", _swap("[fields]", "[moves]\nno_skips = true\n[fields]"), "moves.no_skips", "unknown_key"),
    ("a dunder key", _swap("version = 3", "version = 3\n__class__ = 'x'"), "__class__", "unknown_key"),
    ("a condition without id", _guard('"true", id2 = "x"').replace('{ id = "size",', "{"), "transitions[0].conditions[0].id", "missing"),
    ("a condition without formula", _swap('formula = "deal.seats >= 10"', 'note = "x"'), "transitions[0].conditions[0].formula", "missing"),
    ("a stage without id", _stage('name = "x"'), "stages[4].id", "missing"),
    ("a move without source", _move('target = "won"'), "transitions[4].source", "missing"),
    ("a move without target", _move('source = "talk"'), "transitions[4].target", "missing"),
    ("an item without id", _swap('checklist = [{ id = "demo",', "checklist = [{"), "stages[0].checklist[0].id", "missing"),
    # types
    ("a number as id", _swap('id = "enterprise"', "id = 7"), "id", "wrong_type"),
    ("a list as id", _swap('id = "enterprise"', "id = ['x']"), "id", "wrong_type"),
    ("a text as version", _swap("version = 3", 'version = "three"'), "version", "wrong_type"),
    ("a fraction as version", _swap("version = 3", "version = 3.5"), "version", "wrong_type"),
    ("a truth as version", _swap("version = 3", "version = true"), "version", "wrong_type"),
    ("infinity as version", _swap("version = 3", "version = inf"), "version", "wrong_type"),
    ("two initial stages", _swap('initial = "talk"', 'initial = ["talk", "offer"]'), "initial", "wrong_type"),
    ("a text as stages", BASE[: BASE.index("[fields]")] + 'stages = "x"', "stages", "wrong_type"),
    ("a table as stages", BASE[: BASE.index("[fields]")] + "[stages]\nid = 'x'", "stages", "wrong_type"),
    ("numbers as stages", BASE[: BASE.index("[fields]")] + "stages = [1]", "stages[0]", "wrong_type"),
    ("a number as stage id", _swap('id = "offer"', "id = 5"), "stages[1].id", "wrong_type"),
    ("an unknown kind", _swap('kind = "won"', 'kind = "win"'), "stages[2].kind", "not_allowed"),
    ("a kind in capitals", _swap('kind = "won"', 'kind = "WON"'), "stages[2].kind", "not_allowed"),
    ("a number as kind", _swap('kind = "won"', "kind = 1"), "stages[2].kind", "wrong_type"),
    ("an unknown category", _swap('"commit"', '"sure"'), "stages[1].category", "not_allowed"),
    ("a plain number as probability", _swap("probability.percent = 20", "probability = 20"), "stages[0].probability", "wrong_type"),
    ("a word as probability", _swap("probability.percent = 20", 'probability = "ten"'), "stages[0].probability", "not_allowed"),
    ("no number as probability", _swap("percent = 20", "percent = nan"), "stages[0].probability.percent", "not_a_number"),
    ("infinity as probability", _swap("percent = 20", "percent = inf"), "stages[0].probability.percent", "not_a_number"),
    ("a fraction of a day", _swap("rot_after_days = 14", "rot_after_days = 1.5"), "stages[0].rot_after_days", "wrong_type"),
    ("a text as days", _swap("rot_after_days = 14", 'rot_after_days = "14"'), "stages[0].rot_after_days", "wrong_type"),
    ("a text as required", _swap('required = ["seats"]', 'required = "seats"'), "stages[0].required", "wrong_type"),
    ("numbers as required", _swap('required = ["seats"]', "required = [1]"), "stages[0].required[0]", "wrong_type"),
    ("a text as entry", _swap('entry = [{ id = "contract", formula = "contract.signed" }]', 'entry = "contract.signed"'), "stages[2].entry", "wrong_type"),
    ("texts as entry", _swap('entry = [{ id = "contract", formula = "contract.signed" }]', 'entry = ["contract.signed"]'), "stages[2].entry[0]", "wrong_type"),
    ("a truth as formula", _guard("true"), "transitions[0].conditions[0].formula", "wrong_type"),
    ("a list as formula", _guard("['x']"), "transitions[0].conditions[0].formula", "wrong_type"),
    ("a text as checklist", _swap('checklist = [{ id = "demo", name = "Product shown", required = true }]', 'checklist = "demo"'), "stages[0].checklist", "wrong_type"),
    ("a word as required item", _swap("required = true }", 'required = "yes" }'), "stages[0].checklist[0].required", "wrong_type"),
    ("a number as source", _swap('source = "lost"', "source = 7"), "transitions[3].source", "wrong_type"),
    ("a list as target", _swap('target = "offer"', 'target = ["offer"]'), "transitions[0].target", "wrong_type"),
    ("a text as roles", _swap('roles = ["rep"]', 'roles = "rep"'), "transitions[0].roles", "wrong_type"),
    ("a text as effects", _swap('emits = ["welcome"]', 'emits = "welcome"'), "transitions[0].emits", "wrong_type"),
    ("a number as truth", _swap("reopens = true", "reopens = 1"), "transitions[3].reopens", "wrong_type"),
    ("a text as truth", _swap("automatic = true", 'automatic = "true"'), "transitions[1].automatic", "wrong_type"),
    ("a fraction as priority", _swap("priority = 5", "priority = 0.5"), "transitions[1].priority", "wrong_type"),
    ("an unknown type of a field", _swap('seats = "number"', 'seats = "integer"'), "fields.seats", "not_allowed"),
    ("a truth as type of a fact", _swap('"contract.signed" = "bool"', '"contract.signed" = true'), "facts['contract.signed']", "wrong_type"),
    ("a list as facts", _swap('[facts]\n"contract.signed" = "bool"', "").replace("version = 3", "version = 3\nfacts = ['x']"), "facts", "wrong_type"),
    ("a text as loss reasons", _swap('loss_reasons = ["price", "other"]', 'loss_reasons = "price"'), "loss_reasons", "wrong_type"),
    ("a number as loss reason", _swap('"price", "other"', '"price", 5'), "loss_reasons[1]", "wrong_type"),
    ("a text as override roles", _swap('["manager"]', '"manager"'), "override_roles", "wrong_type"),
    ("a table as cards", _swap('["meddicc"]', "{ meddicc = 1 }"), "scorecards", "wrong_type"),
    ("an unknown kind of day", _swap('"working"', '"lunar"'), "day_kind", "not_allowed"),
    ("a text as forecasting", _swap("forecasting = false", 'forecasting = "no"'), "forecasting", "wrong_type"),
    ("a date as age", _swap("max_age_days = 300", "max_age_days = 2026-01-01"), "max_age_days", "wrong_type"),
    ("a truth as rules", _swap("[fields]", "[moves]\nno_skip = 1\n[fields]"), "moves.no_skip", "wrong_type"),
    ("a text as opening stages", _swap("[fields]", "[moves]\ncreate_only_in = 'talk'\n[fields]"), "moves.create_only_in", "wrong_type"),
]  # fmt: skip

CANNOT_WORK: list[tuple[str, str, str, str]] = [
    # names
    ("a blank id", _swap('id = "enterprise"', 'id = "  "'), "id", "definition_id"),
    ("an id of two lines", _swap('id = "enterprise"', 'id = "a\\nb"'), "id", "definition_id"),
    ("an id without end", _swap('id = "enterprise"', f'id = "{"x" * 5_000}"'), "id", "definition_id"),
    ("version 0", _swap("version = 3", "version = 0"), "version", "version"),
    ("a negative version", _swap("version = 3", "version = -1"), "version", "version"),
    ("a blank stage", _stage('id = ""'), "stages[4]", "state_id"),
    ("a stage that breaks out of a line", _stage('id = "x\\nend note"'), "stages[4]", "state_id"),
    ("a stage with a bell", _stage('id = "x\\u0007"'), "stages[4]", "state_id"),
    ("a stage that turns the writing", _stage('id = "x\\u202Etsol"'), "stages[4]", "state_id"),
    ("a stage of zero width", _stage('id = "\\u200b"'), "stages[4]", "state_id"),
    ("a stage without end", _stage(f'id = "{"x" * 1_000}"'), "stages[4]", "state_id"),
    ("a stage twice", _stage('id = "offer"'), "stages[4]", "state_id"),
    ("a name of two lines", _swap('name = "Talk"', 'name = "Talk\\r\\nX: 1"'), "stages.talk", "stage_name"),
    ("a name without end", _swap('name = "Talk"', f'name = "{"x" * 300}"'), "stages.talk", "stage_name"),
    ("a blank role", _swap('roles = ["rep"]', 'roles = [" "]'), "transitions[0]", "role_name"),
    ("a role twice", _swap('roles = ["rep"]', 'roles = ["rep", "rep"]'), "transitions[0]", "role_name"),
    ("a role with a tab", _swap('roles = ["rep"]', 'roles = ["rep\\t"]'), "transitions[0]", "role_name"),
    ("an effect twice", _swap('["welcome"]', '["welcome", "welcome"]'), "transitions[0]", "effect_name"),
    ("a blank effect", _swap('["welcome"]', '[""]'), "transitions[0]", "effect_name"),
    ("a blank condition", _swap('id = "size"', 'id = ""'), "transitions[0].conditions.''", "condition_id"),
    ("a condition of two lines", _swap('id = "size"', 'id = "a\\nb"'), "transitions[0].conditions.'a\\nb'", "condition_id"),
    ("a condition twice", _swap('id = "size"', 'id = "fit"'), "transitions[0]", "condition_id"),
    ("a condition twice in a list", _swap('[{ id = "contract", formula = "contract.signed" }]', '[{ id = "a", formula = "contract.signed" }, { id = "a", formula = "contract.signed" }]'), "stages.won.entry.a", "condition_id"),
    ("an item twice", _swap("required = true }]", 'required = true }, { id = "demo" }]'), "stages.talk.checklist[1]", "checklist_item"),
    ("a blank item", _swap('id = "demo"', 'id = ""'), "stages.talk.checklist[0]", "checklist_item"),
    ("an item with a line break", _swap('id = "demo"', 'id = "a\\nb"'), "stages.talk.checklist[0]", "checklist_item"),
    ("a loss reason twice", _swap('"price", "other"', '"price", "price", "other"'), "loss_reasons[1]", "loss_reason"),
    ("a blank loss reason", _swap('"price", "other"', '"", "other"'), "loss_reasons[0]", "loss_reason"),
    ("a note for no reason", _swap('notes_required = ["other"]', 'notes_required = ["othr"]'), "notes_required[0]", "loss_reason"),
    ("a blank override role", _swap('["manager"]', '[""]'), "override_roles[0]", "override_role"),
    ("an override role twice", _swap('["manager"]', '["manager", "manager"]'), "override_roles[1]", "override_role"),
    ("a card twice", _swap('["meddicc"]', '["meddicc", "meddicc"]'), "scorecards[1]", "duplicate_card"),
    ("a card that is no name", _swap('["meddicc"]', '["meddicc", "me dd"]'), "scorecards.me dd", "not_a_name"),
    ("a field that every deal has", _swap('seats = "number"', 'seats = "number"\namount = "money"'), "fields.amount", "name_taken"),
    ("a field of two words", _swap('seats = "number"', 'seats = "number"\n"two words" = "text"'), "fields.two words", "not_a_name"),
    ("a field with a space before it", _swap('seats = "number"', 'seats = "number"\n" x" = "text"'), "fields. x", "not_a_name"),
    ("a fact that speaks for the deal", _swap("[facts]", '[facts]\n"deal.rival" = "text"'), "facts.deal.rival", "fact_prefix"),
    ("a fact with code", _swap("[facts]", '[facts]\n"__import__(\'os\')" = "bool"'), "facts.__import__('os')", "not_a_name"),
    ("a fact in a ligature", _swap("[facts]", '[facts]\n"\ufb01t" = "bool"'), "facts.\ufb01t", "not_a_name"),
    # numbers
    ("more than certain", _swap("percent = 60", "percent = 101"), "stages.offer", "probability_range"),
    ("less than impossible", _swap("percent = 60", "percent = -1"), "stages.offer", "probability_range"),
    ("a probability without measure", _swap("percent = 60", "percent = 1e90"), "stages.offer", "probability_range"),
    ("no day at all", _swap("rot_after_days = 14", "rot_after_days = 0"), "stages.talk", "rot_limit"),
    ("a negative day", _swap("rot_after_days = 14", "rot_after_days = -5"), "stages.talk", "rot_limit"),
    ("a million years", _swap("rot_after_days = 14", "rot_after_days = 365000000"), "stages.talk", "rot_limit"),
    ("a lost stage that rots", _swap('kind = "lost"', 'kind = "lost"\nrot_after_days = 5'), "stages.lost", "rot_limit"),
    ("no age", _swap("max_age_days = 300", "max_age_days = 0"), "max_age_days", "age_limit"),
    ("an age without end", _swap("max_age_days = 300", "max_age_days = 999999999999"), "max_age_days", "age_limit"),
    ("a won stage that may still come", _swap('kind = "won"', 'kind = "won"\ncategory = "commit"'), "stages.won", "category_at_odds"),
    ("a lost stage that counts", _swap('kind = "lost"', 'kind = "lost"\ncategory = "pipeline"'), "stages.lost", "category_at_odds"),
    ("an open stage that is closed", _swap('category = "commit"', 'category = "closed"'), "stages.offer", "category_at_odds"),
    # the graph
    ("an initial stage that is none", _swap('initial = "talk"', 'initial = "tlak"'), "initial", "missing_initial"),
    ("no stages at all", 'id = "x"\nversion = 1\ninitial = "x"\nstages = []', "initial", "missing_initial"),
    ("nothing can be won", _swap('kind = "won"', ""), "stages", "no_won_stage"),
    ("a stage that nobody reaches", _stage('id = "island"\nkind = "won"'), "stages.island", "unreachable"),
    ("a stage that nobody leaves", _stage('id = "trap"\nprobability.percent = 70') + '[[transitions]]\nsource = "talk"\ntarget = "trap"', "stages.trap", "dead_end"),
    ("two stages that go round", _stage('id = "a"\n[[stages]]\nid = "b"\n[[transitions]]\nsource = ["talk", "b"]\ntarget = "a"\n[[transitions]]\nsource = "a"\ntarget = "b"'), "stages.a", "no_path_to_final"),
    ("a stage that only leads to itself", _stage('id = "a"\n[[transitions]]\nsource = ["talk", "a"]\ntarget = "a"'), "stages.a", "no_path_to_final"),
    ("a move to nowhere", _move('source = "talk"\ntarget = "wonn"'), "transitions[4]", "missing_target"),
    ("a move from nowhere", _move('source = "tlak"\ntarget = "won"'), "transitions[4]", "missing_target"),
    ("a move without beginning", _move('source = []\ntarget = "won"'), "transitions[4]", "missing_source"),
    ("a move twice", _move('source = "talk"\ntarget = "offer"'), "transitions[4]", "duplicate_edge"),
    ("a source twice", _swap('source = ["talk", "offer"]', 'source = ["talk", "offer", "talk"]'), "transitions[2]", "duplicate_edge"),
    ("a way out of won", _move('source = "won"\ntarget = "talk"'), "transitions[4]", "final_with_exit"),
    ("won and then lost", _move('source = "won"\ntarget = "lost"'), "transitions[4]", "final_with_exit"),
    ("an open stage re-opened", _move('source = "offer"\ntarget = "talk"\nreopens = true'), "transitions[4]", "reopens_open"),
    # formulas
    ("an empty formula", _guard('""'), _GUARD, "formula"),
    ("a formula that is none", _guard('"deal.seats >="'), _GUARD, "formula"),
    ("an unknown name", _guard('"deal.seat >= 10"'), _GUARD, "formula"),
    ("an undeclared fact", _guard('"budget.approved"'), _GUARD, "formula"),
    ("an undeclared card", _guard('"deal.qualification.bant >= 60%"'), _GUARD, "formula"),
    ("a number that is no condition", _guard('"deal.seats + 1"'), _GUARD, "formula"),
    ("money and a number", _guard('"deal.amount >= 1000"'), _GUARD, "formula"),
    ("percent and a number", _guard('"deal.qualification.meddicc >= 60"'), _GUARD, "formula"),
    ("text and a number", _guard('"deal.stage > 5"'), _GUARD, "formula"),
    ("Python", _guard("\"__import__('os').system('true')\""), _GUARD, "formula"),
    ("an attribute", _guard('"deal.__class__ is missing"'), _GUARD, "formula"),
    ("a lambda", _guard('"(lambda: true)()"'), _GUARD, "formula"),
    ("an assignment", _guard('"deal.seats := 5"'), _GUARD, "formula"),
    ("an unknown function", _guard('"eval(deal.name)"'), _GUARD, "formula"),
    ("two statements", _guard('"deal.seats > 1; deal.seats > 2"'), _GUARD, "formula"),
    ("a power", _guard('"9**9**9 > deal.seats"'), _GUARD, "formula"),
    ("an endless literal", _guard(f'"deal.seats > {"9" * 1_900}"'), _GUARD, "formula"),
    ("an endless formula", _guard(f'"{"deal.seats > 1 and " * 500}true"'), _GUARD, "formula"),
    ("a deep formula", _guard(f'"{"(" * 900}deal.seats > 1{")" * 900}"'), _GUARD, "formula"),
    ("many nots", _guard(f'"{"not " * 400}contract.signed"'), _GUARD, "formula"),
    ("an unclosed text in a formula", _guard("\"deal.stage == 'x\""), _GUARD, "formula"),
    ("a comment in a formula", _guard('"deal.seats > 1 # yes"'), _GUARD, "formula"),
    ("more than five and less than three", _guard('"deal.seats > 5 and deal.seats < 3"'), _GUARD, "contradictory_condition"),
    ("yes and no", _guard('"contract.signed and not contract.signed"'), _GUARD, "contradictory_condition"),
    ("there and missing", _guard('"deal.seats is missing and deal.seats > 1"'), _GUARD, "contradictory_condition"),
    ("never true", _guard('"1 > 2"'), _GUARD, "contradictory_condition"),
    ("the move against the entry", _swap('source = "offer"\ntarget = "won"', 'source = "offer"\ntarget = "won"\nconditions = [{ id = "no", formula = "not contract.signed" }]'), "transitions[1]", "contradictory_guard"),
    ("the move against the exit", _guard('"deal.qualification.meddicc < 10%"'), "transitions[0]", "contradictory_guard"),
    ("the move against the checklist", _guard("\"'demo' not in deal.done\""), "transitions[0]", "contradictory_guard"),
    ("entries against each other", _swap('[{ id = "contract", formula = "contract.signed" }]', '[{ id = "a", formula = "contract.signed" }, { id = "b", formula = "not contract.signed" }]'), "stages.won.entry", "contradictory_guard"),
    ("required and missing", _swap('formula = "deal.seats > 0"', 'formula = "deal.seats is missing"'), "stages.talk.entry", "contradictory_guard"),
    ("an unknown required field", _swap('required = ["seats"]', 'required = ["seats", "amuont"]'), "stages.talk.required", "required_field"),
    ("a required field twice", _swap('required = ["seats"]', 'required = ["seats", "seats"]'), "stages.talk.entry.seats", "condition_id"),
    # automatic moves and rules
    ("two automatic moves at once", _move('source = "offer"\ntarget = "talk"\nautomatic = true\npriority = 5'), "transitions[4]", "overlapping_guards"),
    ("two that may both be due", _swap("automatic = true\npriority = 5", 'automatic = true\nconditions = [{ id = "a", formula = "deal.seats > 5" }]') + '[[transitions]]\nsource = "offer"\ntarget = "talk"\nautomatic = true\nconditions = [{ id = "b", formula = "deal.seats < 9" }]\n', "transitions[4]", "overlapping_guards"),
    ("automatic moves in a ring", _stage('id = "a"\n[[stages]]\nid = "b"\n[[transitions]]\nsource = ["talk", "b"]\ntarget = "a"\nautomatic = true\n[[transitions]]\nsource = "a"\ntarget = "b"\nautomatic = true\n[[transitions]]\nsource = "a"\ntarget = "won"'), "transitions[4]", "automatic_ring"),
    ("a move against the rules", _swap("[fields]", "[moves]\nno_backward = true\nreopens = true\n[fields]"), "transitions[3]", "against_move_rules"),
    ("a skip against the rules", _swap("[fields]", "[moves]\nno_skip = true\nreopens = true\n[fields]") + '[[transitions]]\nsource = "talk"\ntarget = "won"\n', "transitions[4]", "against_move_rules"),
    ("deals that begin nowhere", _swap("[fields]", '[moves]\nreopens = true\ncreate_only_in = ["tlak"]\n[fields]'), "moves.create_only_in[0]", "create_only_in"),
    ("deals that begin where none may", _swap("[fields]", '[moves]\nreopens = true\ncreate_only_in = ["offer"]\n[fields]'), "moves.create_only_in", "create_only_in"),
    ("an opening stage that is none", _swap("version = 3", 'version = 3\nopen_in = ["ofer"]'), "open_in[0]", "open_in"),
    # sizes
    ("a thousand stages by rule", 'id = "x"\nversion = 1\ninitial = "s0"\n[moves]\n' + "".join(f'[[stages]]\nid = "s{n}"\n' for n in range(1_000)), "the definition", "too_large"),
    ("six thousand stages", 'id = "x"\nversion = 1\ninitial = "s0"\n' + "".join(f'[[stages]]\nid = "s{n}"\n' for n in range(6_000)), "the definition", "too_large"),
    ("six thousand fields", _swap("[fields]", "[fields]\n" + "".join(f'f{n} = "text"\n' for n in range(6_000))), "the definition", "too_large"),
    ("six thousand required fields", _swap('required = ["seats"]', "required = [" + '"seats",' * 6_000 + "]"), "the definition", "too_large"),
    ("six thousand items", _swap("checklist = [", "checklist = [" + "".join(f'{{ id = "i{n}" }},' for n in range(6_000))), "the definition", "too_large"),
    ("six thousand sources", _swap('source = ["talk", "offer"]', "source = [" + '"talk",' * 6_000 + "]"), "the definition", "too_large"),
    ("a megabyte of formulas", _swap("conditions = [", "conditions = [" + "".join(f'{{ id = "c{n}", formula = "deal.seats > {n} or {" or ".join(["deal.seats == 7"] * 40)}" }},\n' for n in range(1_500))), "the definition", "too_large"),
    ("conditions asked for too often", "".join(['id = "x"\nversion = 1\ninitial = "s0"\n', *(f'[[stages]]\nid = "s{n}"\n' for n in range(300)), '[[stages]]\nid = "won"\nkind = "won"\nentry = [', *(f'{{ id = "e{n}", formula = "deal.stage != \'{n}\'" }},' for n in range(300)), "]\n[[transitions]]\nsource = [", *(f'"s{n}",' for n in range(300)), ']\ntarget = "won"\n']), "the definition", "too_large"),
]  # fmt: skip


def test_the_definition_that_the_others_spoil_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(BASE, encoding="utf-8")

    assert PipelineDefinition.load(file).findings == ()


def test_there_are_at_least_150_and_no_two_are_alike() -> None:
    texts = [
        text if isinstance(text, bytes) else text.encode() for _, text, *_ in (*WRONG_SHAPE, *CANNOT_WORK)
    ]

    assert len(texts) >= 150
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("text", "path", "code"), [row[1:] for row in WRONG_SHAPE], ids=[row[0] for row in WRONG_SHAPE]
)
def test_a_document_of_another_shape_is_refused(
    tmp_path: Path, text: str | bytes, path: str, code: str
) -> None:
    file = tmp_path / "p.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(InvalidInput) as refusal:
        PipelineDefinition.load(file)

    assert (path, code) in [(problem.path, problem.code) for problem in refusal.value.problems]
    assert all(problem.wanted for problem in refusal.value.problems)
    assert len(str(refusal.value)) < 10_000


@pytest.mark.parametrize(
    ("text", "where", "code"), [row[1:] for row in CANNOT_WORK], ids=[row[0] for row in CANNOT_WORK]
)
def test_a_definition_that_cannot_work_is_refused(tmp_path: Path, text: str, where: str, code: str) -> None:
    file = tmp_path / "p.toml"
    file.write_bytes(text.encode())

    with pytest.raises(InvalidDefinition) as refusal:
        PipelineDefinition.load(file)

    assert (where, code) in [(finding.where, finding.code) for finding in refusal.value.findings]
    assert all(finding.message and finding.hint for finding in refusal.value.findings)
