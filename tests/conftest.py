"""What every test starts from: pages are never kept between runs."""

import os

os.environ["DRIFT_CACHE"] = "off"
