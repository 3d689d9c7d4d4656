"""`make bench`: what the spine costs, as ratios against the same work done the plain way, in one run on PostgreSQL and Kafka."""
