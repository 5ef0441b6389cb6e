"""The table of routes: every row there is."""

from tests.system.cases.accounts import ACCOUNTS
from tests.system.cases.configuration import CONFIGURATION
from tests.system.cases.execution import EXECUTION, REFUSED
from tests.system.cases.groups import GROUPS
from tests.system.cases.launch import LAUNCH
from tests.system.cases.plans import PLANS
from tests.system.cases.query import QUERY
from tests.system.cases.regions import REGIONS
from tests.system.cases.servers import SERVERS
from tests.system.cases.starts import STARTS

# In this order: later rows stand on what earlier ones leave.
CASES = (
    *EXECUTION,
    *GROUPS,
    *SERVERS,
    *LAUNCH,
    *PLANS,
    *ACCOUNTS,
    *CONFIGURATION,
    *REGIONS,
    *QUERY,
    *STARTS,
    *REFUSED,
)
