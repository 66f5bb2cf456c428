"""Hosts the torch work: requests in, replies and events out; in a child process or in this one."""
