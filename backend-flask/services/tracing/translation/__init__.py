"""The parts of a segment document, each made from a span's attributes as the OpenTelemetry Collector does.

Every maker takes the attributes out of the mapping it is given that its part holds; what is left when all
are done becomes annotations and metadata.
"""
