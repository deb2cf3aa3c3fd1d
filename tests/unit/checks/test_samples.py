from ecluse.checks import samples, tasks
from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context
from ecluse.checks.kinds.detect import kind_of
from ecluse.checks.limits import limits_of
from ecluse.rules.policy import OutputRules


def test_each_sample_is_of_its_kind_and_has_no_letters_to_read() -> None:
    kinds = {path: kind_of(data, path) for path, data in samples.files()}
    assert {path: module.NAME for path, module in kinds.items()} == {
        "sample.csv": "csv",
        "sample.md": "text",
        "sample.ipynb": "notebook",
        "sample.png": "png",
    }
    picture = dict(samples.files())["sample.png"]
    facts = kinds["sample.png"].facts(kinds["sample.png"].read(picture, limits_of(OutputRules()), "sample.png"))
    assert not facts.passages


def test_warming_up_changes_no_finding() -> None:
    rules = OutputRules()
    table = b"region,n\nNord,120\nSud,4\n"
    facts = {}
    for _ in range(2):
        module = kind_of(table, "a.csv")
        facts["a.csv"] = module.facts(module.read(table, limits_of(rules), "a.csv"))
        before = find(facts, rules, Context())
        tasks.warm()
        assert find(facts, rules, Context()) == before
    assert before["a.csv"]
