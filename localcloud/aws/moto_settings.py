"""Settings that moto reads from the environment when it is imported; import this module before moto.

- ACM certificates are validated at once instead of after a minute.
- Policies that AWS manages (arn:aws:iam::aws:policy/...) exist.
- A bucket is never guessed from the host name, which is always ours.
"""

import os

MOTO_SETTINGS = {
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
}

for _name, _value in MOTO_SETTINGS.items():
    os.environ.setdefault(_name, _value)
