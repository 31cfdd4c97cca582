"""Goals are judged by the medians of the rounds, ratios within each round."""

from eval.load.goals import GOALS, Goal, judge, judge_all
from eval.load.measure import Measure
from eval.load.stats import Latency

OURS = "ours/sqlite"
RATE = Goal(
    title="rate",
    workload="one_to_one",
    metric="per_s",
    sense="at least",
    limit=3,
    stretch=4,
    peer="ejabberd",
    unit="x ejabberd",
)
PAGE = Goal(
    title="page",
    workload="history",
    metric="deliver_p50_ms",
    sense="at most",
    limit=7,
    size=10_000,
    unit="ms",
)
LOST = Goal(title="lost", workload="one_to_one", metric="lost", sense="at most", limit=0, unit="")


def talk(target: str, number: int, per_s: float, *, delivered: int = 100) -> Measure:
    return Measure(
        target=target, workload="one_to_one", round=number, per_s=per_s, wanted=100, delivered=delivered, seconds=1
    )


def page(p50: float, *, size: int = 10_000) -> Measure:
    return Measure(target=OURS, workload="history", round=1, size=size, deliver=Latency(p50=p50, p95=9, p99=9))


def test_a_ratio_compares_rounds_pair_by_pair() -> None:
    rounds = [talk(OURS, 1, 300), talk("ejabberd", 1, 100), talk(OURS, 2, 70), talk("ejabberd", 2, 20)]
    verdict = judge([*rounds, talk(OURS, 3, 900), talk("ejabberd", 3, 200)], RATE, OURS)
    assert verdict.value is not None
    assert (verdict.value.low, verdict.value.median, verdict.value.high) == (3.0, 3.5, 4.5)
    assert verdict.state == "met"
    assert not verdict.stretched


def test_the_stretch_is_named_when_it_is_reached() -> None:
    assert judge([talk(OURS, 1, 400), talk("ejabberd", 1, 100)], RATE, OURS).stretched


def test_a_rate_below_the_limit_is_missed() -> None:
    assert judge([talk(OURS, 1, 299), talk("ejabberd", 1, 100)], RATE, OURS).state == "missed"


def test_without_the_peer_there_is_no_verdict() -> None:
    assert judge([talk(OURS, 1, 400)], RATE, OURS).state == "peer absent"


def test_a_failed_workload_counts_as_not_measured() -> None:
    failed = Measure(target=OURS, workload="one_to_one", round=1, error="TimeoutError")
    assert judge([failed, talk("ejabberd", 1, 100)], RATE, OURS).state == "not measured"


def test_a_cost_above_the_limit_is_missed_and_at_the_limit_is_met() -> None:
    assert judge([page(7.1)], PAGE, OURS).state == "missed"
    assert judge([page(7.0)], PAGE, OURS).state == "met"


def test_only_the_size_of_the_goal_counts() -> None:
    assert judge([page(1.0, size=1000)], PAGE, OURS).state == "not measured"


def test_one_lost_delivery_in_one_round_misses_the_goal() -> None:
    rounds = [talk(OURS, 1, 300), talk(OURS, 2, 300, delivered=99), talk(OURS, 3, 300)]
    assert judge(rounds, LOST, OURS).state == "missed"
    assert judge([talk(OURS, 1, 300, delivered=101)], LOST, OURS).state == "missed"
    assert judge([talk(OURS, 1, 300)], LOST, OURS).state == "met"


def test_latency_is_judged_above_what_the_disk_itself_takes() -> None:
    goal = next(goal for goal in GOALS if goal.metric == "over_fsync_ms")
    slow_disk = Measure(
        target=OURS, workload="unloaded", round=1, deliver=Latency(p50=11.5, p95=20, p99=20), fsync_ms=9.0
    )
    verdict = judge([slow_disk], goal, OURS)
    assert verdict.state == "met"
    assert verdict.value is not None
    assert verdict.value.median == 2.5


def test_every_goal_is_judged_for_each_of_our_servers() -> None:
    verdicts = judge_all([], [OURS, "ours/postgresql"])
    assert len(verdicts) == 2 * len(GOALS)
    assert {verdict.state for verdict in verdicts} == {"not measured"}
