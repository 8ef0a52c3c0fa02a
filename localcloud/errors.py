"""What can keep the local cloud from starting.

LocalCloudError
├── NotLoopbackError       the host asked for could be reached from elsewhere
├── AddressInUseError      a port can't be bound
├── AddressesError         the addresses can't be written
├── DataError              the folder of --data, or a database in it, can't be used
└── HoneycombKeyError      the key file can't be read, written or holds no key

DataLostError              at the end: what came last can't be written
"""


class LocalCloudError(Exception):
    """A reason not to start, in one line with the remedy. The command ends with 2."""


class NotLoopbackError(LocalCloudError):
    """The host isn't a loopback address."""


class AddressInUseError(LocalCloudError):
    """A port that was asked for can't be bound."""


class AddressesError(LocalCloudError):
    """The file of addresses can't be written."""


class DataError(LocalCloudError):
    """The folder that traces are kept in, or a database in it, can't be used."""


class HoneycombKeyError(LocalCloudError):
    """The Honeycomb key file can't be used."""


class DataLostError(Exception):
    """What was taken last couldn't be written, in one line. The command ends with 1."""
