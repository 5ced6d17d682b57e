"""The calls of SES's first API that make IP address filters. Errors: AlreadyExists, LimitExceeded, ValidationError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from local.ses.api import query
from local.ses.api.query import Call, Tree, required
from local.ses.receiving.filters import POLICIES, FilterBook, ReceiptFilter, network
from local.ses.refused import Refused
from local.ses.values import Json

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterCalls:
    filters: FilterBook

    def calls(self) -> Mapping[str, Call]:
        return {
            "CreateReceiptFilter": self._create,
            "DeleteReceiptFilter": self._delete,
            "ListReceiptFilters": self._list,
        }

    async def _create(self, call: Tree) -> Json:
        node = query.child(call, "Filter")
        name, ip = required(node, "Name"), query.child(node, "IpFilter")
        policy, cidr = required(ip, "Policy"), required(ip, "Cidr")
        if not _NAME.match(name):
            raise Refused("ValidationError", f"Not a name for a filter: {name}")
        if policy not in POLICIES:
            raise Refused("ValidationError", f"Policy is one of {', '.join(POLICIES)}, not {policy!r}.")
        self.filters.create(ReceiptFilter(name=name, policy=policy, cidr=cidr, network=network(cidr)))
        return {}

    async def _delete(self, call: Tree) -> Json:
        self.filters.delete(required(call, "FilterName"))
        return {}

    async def _list(self, _call: Tree) -> Json:
        return {"Filters": [_json(one) for one in self.filters.all()]}


def _json(one: ReceiptFilter) -> Json:
    return {"Name": one.name, "IpFilter": {"Policy": one.policy, "Cidr": one.cidr}}
