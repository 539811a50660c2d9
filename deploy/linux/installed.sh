#!/bin/sh
# After an installation or upgrade. The service is not enabled: it needs settings first.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart fftconnect.service || true
fi
