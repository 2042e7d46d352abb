. "$(dirname "$0")/common.sh"; finish
