"""The few names and values that generated trees and traces share: matches are no rarity."""

TEXTS = ("a", "b", "ab", "ba", "", 'a"\\', "é\n{", "%_' OR 1=1 --")
INEXACT = 2**53 + 1
"""A whole number that is no float: as one, it is INEXACT - 1."""
NUMBERS = (0.0, 1.0, 2.0, 200.0, 0.5, 1e300, -1.5, float(INEXACT), 1602537378.1)
ANNOTATION_KEYS = ("k", "K", "a.b", "http.status")
ACCOUNTS = ("1", "a", "123456789012")
TYPES = ("t", "remote")
ARN = "arn:aws:xray:us-east-1:123456789012:group/g/X"
GROUPS = ("g", "h", ARN)
TIMES = (0.0, 0.5, 1.0, 2.0, 1602537377.6, 1602537378.1)
