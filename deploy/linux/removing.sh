#!/bin/sh
# Before a removal; rpm says 1 and deb "upgrade" when a newer version takes its place.
set -e
case "${1:-}" in
1 | upgrade) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl --no-reload disable --now fftconnect.service || true
fi
