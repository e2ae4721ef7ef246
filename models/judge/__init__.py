"""A second opinion from a large language model behind an OpenAI-compatible address; off by default.

What it says can raise or lower a confidence within bounds (`drift.second`); it adds no finding. The
post and the retweet are sent to the address that DRIFT_JUDGE_URL names, and nowhere else.
"""
