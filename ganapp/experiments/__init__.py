"""Measurements that need models, data and training together: above `training`, below the interface
and the commands.
"""
