#!/bin/sh
# Runs the operator's command. This module exists for nothing else; no other one evaluates a parameter.
command="$OM_command"
eval "$command" </dev/null
