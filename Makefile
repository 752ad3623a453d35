# Every target is `python3 dev.py TARGET`; use that form where make is missing. Arguments: make test ARGS="tests/launcher -x"
PYTHON ?= python3
TARGETS := help setup run test status reset lint contracts bench soak docs lock

.PHONY: $(TARGETS)
.DEFAULT_GOAL := help

$(TARGETS):
	@$(PYTHON) dev.py $@ $(ARGS)
