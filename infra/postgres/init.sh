#!/bin/bash
# A database and two roles for each service: <service>_owner makes its tables, <service> works in them; no other role may connect.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
sql() { psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-psqlrc --quiet "$@"; }

for service in intake assessment placement stipend reporting; do
    sql --dbname postgres -v service="$service" -v owner="${service}_owner" \
        -v password="$(secret "${service}_password")" -v owner_password="$(secret "${service}_owner_password")" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
SQL
    sql --dbname "$service" -v service="$service" -v owner="${service}_owner" <<'SQL'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"service";
SQL
done
sql --dbname postgres -c 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
