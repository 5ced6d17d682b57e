"""A proxy in front of an emulator of AWS. It lets calls fail as they fail on AWS: throttled, lost, denied, cut off.

A package of its own: it knows HTTP, SigV4 and AWS's protocols, and nothing of who calls.
"""
