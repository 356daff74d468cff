#!/bin/sh
set -u
case "$OM_kind" in
  rabbitmq) port=5672 ;;
  kafka) port=9092 ;;
  redis) port=6379 ;;
  *) echo "this service is not in the list" >&2; exit 2 ;;
esac
case "$OM_port" in
  0) ;;
  '' | 0* | *[!0-9]* | ??????*) echo "the port is not a number" >&2; exit 2 ;;
  *) port="$OM_port" ;;
esac
hex="$(printf '%04x' "$port")"
if ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qi ":$hex [0-9A-F]*:0000 0A"; then
  echo "$OM_kind: nothing listens on port $port" >&2
  exit 1
fi
has() { command -v "$1" >/dev/null 2>&1; }
answer="listens"
case "$OM_kind" in
  rabbitmq) has rabbitmq-diagnostics && { timeout 20 rabbitmq-diagnostics -q check_running >/dev/null 2>&1 && answer="answers" || answer=""; } ;;
  kafka) has kafka-broker-api-versions.sh && { timeout 20 kafka-broker-api-versions.sh --bootstrap-server "127.0.0.1:$port" >/dev/null 2>&1 && answer="answers" || answer=""; } ;;
  redis) has redis-cli && { timeout 20 redis-cli -p "$port" ping 2>&1 | grep -Eq 'PONG|NOAUTH' && answer="answers" || answer=""; } ;;
esac
if test -z "$answer"; then
  echo "$OM_kind: port $port is open, and the service does not answer" >&2
  exit 1
fi
echo "$OM_kind: $answer on port $port"
