#!/bin/sh
# The health check's question: does the server take a connection?
exec nc 127.0.0.1 27017 </dev/null
