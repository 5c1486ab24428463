#!/bin/sh
# A server that speaks MongoDB's protocol and keeps its data in memory; it knows no passwords, nor options.
exec /opt/java/bin/java -Xmx256m -cp '/opt/mongo/classes:/opt/mongo/jars/*' Main 0.0.0.0 27017
