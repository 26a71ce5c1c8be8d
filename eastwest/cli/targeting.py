"""`eastwest targets`."""

from __future__ import annotations

import argparse
import json
import sys

from eastwest.cli.streams import Streams
from eastwest.errors import InputError, nearest


def show_targets(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run, set every dated figure beside its own; 1 where a target is required and missed."""
    from eastwest.results.run_folder import read_summary

    read_summary(arguments.run)
    from eastwest.analysis.targets.judging import missed
    from eastwest.analysis.targets.targets import targets
    from eastwest.report.terminal.write import print_targets
    from eastwest.results.result import Result

    streams.progress(f"reading {arguments.run}")
    result = Result.load(arguments.run, modules=streams.modules(arguments.modules))
    known = [str(name) for name in result.scenario.tables["policy_targets"]["target"]]
    for name in arguments.price or ():
        if name not in known:
            raise InputError(f"received '{name}', expected a target{nearest(name, known)}", where="--price")
    price = False if arguments.price is None else arguments.price or True
    found = targets(result, price=price, progress=streams.progress)
    if arguments.json:
        plain = found.astype(object).where(found.notna(), None).to_dict(orient="records")
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
    else:
        print_targets(streams.console(), result.scenario.name, found, everything=arguments.all)
    lost = missed(found)
    if arguments.require and len(lost):
        streams.say(f"{lost['target'].nunique()} targets are missed: {', '.join(dict.fromkeys(lost['target']))}")
        return 1
    return 0
