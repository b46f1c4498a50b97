#!/bin/sh
# Runs once, when the database volume is new. Waypost's role owns its database and is not a superuser: row-level
# security, the second lock between organizations, does not bind superusers.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set password="$WAYPOST_DATABASE_PASSWORD" <<'SQL'
create role waypost login nosuperuser nocreaterole password :'password';
create database waypost owner waypost;
SQL
