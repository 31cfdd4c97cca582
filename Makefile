# Kefu 客服. `make help` explains itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8800
DATA ?= data
# A file of tests runs in one process, several files side by side; four on two cores, for they often wait.
WORKERS ?= 4
PYTEST := $(VENV)/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

BOTH_TIERS := --target tier=default --target tier=e5
KNOWLEDGE_SUITES := retail_zh/faq retail_zh/graph retail_zh/knowledge $(addprefix public/,crosswoz lastfm lastfm_556 lastfm_557)
NLU_SUITES := $(addprefix public/,smp2017 smp2017_10 smp2017_10_1 smp2017_10_2 banking77 banking77_10 clinc150 clinc150_inside)
NLU_SUITES += $(addprefix public/,jddc_intent uss_mwoz uss_sgd uss_jddc_0 uss_jddc_1 uss_jddc_2 uss_jddc_3 uss_jddc_4)
RETRIEVAL_SUITES := $(addprefix public/,stackfaq $(addprefix stackfaq_logged_,0 1 2 3 4) epidemic_faq lcqmc_small lcqmc_full)

.DEFAULT_GOAL := help
.PHONY: help demo dev check test test-services soak browser gate bench crash eval bench-nlu bench-knowledge ray shots wheel-smoke clean

help: ## 显示这些说明 · show this
	@echo "Kefu 客服 · make <target>"
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

# The stamps hold what was installed, so that a second `make` starts at once.
$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 以上 · Python 3.11 or newer is needed (make PYTHON=python3.12 demo)"; exit 1; }
	@test -x $(BIN)/python || { echo "== 建立 .venv · creating .venv"; $(PYTHON) -m venv $(VENV); }
	@echo "== 安装依赖 · installing"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@echo "== 安装开发依赖 · installing the tools for development"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.base ## 安装、训练机器人、启动演示店铺月茶 · set up, train the bot, run the demo shop
	@$(BIN)/kefu serve --demo --port $(PORT) --data $(DATA)

dev: $(VENV)/.dev ## 安装开发环境 · set up for development

check: $(VENV)/.dev ## 静态检查：ruff、mypy --strict、import-linter · static checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: $(VENV)/.dev ## 全部测试（自带 PostgreSQL 与 NATS，两核约 10 分钟） · all tests; brings its own PostgreSQL and NATS
	@# Beside the others in a process of their own: Playwright keeps an event loop running there, and waits most of the time.
	@shown="$$(mktemp)"; $(BIN)/python -m pytest -m "browser and not slow" tests/browser tests/contracts/test_javascript_client.py >"$$shown" 2>&1 & browser=$$!; \
	$(PYTEST) -m "not browser and not slow"; others=$$?; \
	wait $$browser; pages=$$?; echo "== 浏览器测试 · browser tests"; cat "$$shown"; rm -f "$$shown"; exit $$((others | pages))

test-services: $(VENV)/.dev ## 用已有的服务再测一遍：KEFU_TEST_PG、KEFU_TEST_NATS；HYPOTHESIS_PROFILE=deep 看得更深 · all that talks to services, against given ones
	@test -n "$$KEFU_TEST_PG" -a -n "$$KEFU_TEST_NATS" || { echo "set KEFU_TEST_PG and KEFU_TEST_NATS"; exit 1; }
	@$(PYTEST) --on-services -m "not browser and not slow"

soak: $(VENV)/.dev ## 慢测试：状态机随机地找九十倍久 · slow tests; the state machines look ninety times as long, at random
	@HYPOTHESIS_PROFILE=long $(PYTEST) -m slow
	@HYPOTHESIS_PROFILE=long $(PYTEST) -k "no_story" tests/messaging_core/test_invariants.py tests/bot/worker/test_invariants.py

browser: $(VENV)/.dev ## 浏览器测试（需要 Chromium） · the browser tests
	@$(BIN)/python -m pytest -m browser

bench: $(VENV)/.dev ## 与 ejabberd、裸转发同场比较（约 15 分钟） · compare with ejabberd and a bare relay
	@$(BIN)/python -m eval.load

crash: $(VENV)/.dev ## 反复 kill -9，核对一条不丢（约 15 分钟） · kill -9 again and again and compare what was seen
	@$(BIN)/python -m eval.crash all
	@$(BIN)/python -m pytest tests/crash -m slow -s

eval: $(VENV)/.base ## 运行随附的评测集并写报告（10 分钟内） · run the suites that ship and write the report
	@$(BIN)/kefu eval run retail_zh --batch latest-$$(date -u +%Y%m%d-%H%M%S)

gate: $(VENV)/.dev ## 随附的评测集与已接受的基线相比，明确变差则失败 · the shipped suites against their accepted baselines
	@batch="$$(mktemp -d)/runs"; $(BIN)/kefu eval run $$(ls eval/baselines | sed -n "s/\.jsonl$$//; s/__/\//p") --out "$$batch" --batch gate || [ $$? -eq 1 ]; \
	held=""; for baseline in eval/baselines/*.jsonl; do held="$$held $$batch/gate/$$(basename "$$baseline" .jsonl)"; done; \
	$(BIN)/kefu eval gate $$held --baseline eval/baselines --junit "$$batch/gate.xml"

bench-nlu: $(VENV)/.dev ## 理解的评测集与其余目标，两档，可续跑；公开数据在 KEFU_BENCH_DATA · suites of understanding and the rest, both tiers
	@$(BIN)/kefu models list --data eval-runs/shared | grep -q '^e5.*ready' || $(BIN)/kefu models prepare e5 --data eval-runs/shared
	@$(BIN)/kefu eval run $(NLU_SUITES) $(BOTH_TIERS) --batch nlu || [ $$? -eq 1 ]
	@$(BIN)/python -m eval.understanding

bench-knowledge: $(VENV)/.dev ## 知识的评测集与其余目标，可续跑；公开数据在 KEFU_BENCH_DATA · suites of knowledge and the rest, resumable
	@$(BIN)/kefu models list --data eval-runs/shared | grep -q '^e5.*ready' || $(BIN)/kefu models prepare e5 --data eval-runs/shared
	@$(BIN)/kefu eval run $(KNOWLEDGE_SUITES) --batch knowledge || [ $$? -eq 1 ]
	@$(BIN)/kefu eval run $(RETRIEVAL_SUITES) $(BOTH_TIERS) --batch retrieval || [ $$? -eq 1 ]
	@$(BIN)/python -m eval.knowledge

ray: $(VENV)/.dev ## 安装 Ray（占 240 MB）并跑它的测试 · install Ray and run the test that needs it
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[ray]'
	@$(BIN)/python -m pytest tests/eval/run -k ray

shots: $(VENV)/.dev ## 重拍 README 的截图 · take the README's screenshots again
	@$(BIN)/python -m kefu.pages.shots

wheel-smoke: $(VENV)/.dev ## 在空目录里安装轮子并试运行 · install the wheel into an empty folder and try it
	@sh tests/wheel_smoke.sh

clean: ## 删除 .venv 与缓存（不动数据） · remove .venv and caches, never data
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
