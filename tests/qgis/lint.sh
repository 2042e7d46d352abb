# SPDX-License-Identifier: GPL-2.0-or-later
# What the plug-in repository's scan finds: bandit (blocks an upload) and flake8.
checked=0
for tool in bandit flake8; do
    # Either a program or a module of some Python.
    for call in "$tool" "python3 -m $tool"; do
        $call --version >/dev/null 2>&1 || continue
        checked=$((checked + 1))
        case $tool in
        bandit) $call -q -r "$CLV_SOURCE/src/qgis/clearvision_qgis" || exit 1 ;;
        flake8) $call --max-line-length 124 "$CLV_SOURCE/src/qgis" "$CLV_SOURCE/tests/qgis" || exit 1 ;;
        esac
        break
    done
done
if [ $checked -eq 0 ]; then
    echo "skipped: neither bandit nor flake8 is installed"
    exit 77
fi
echo "clean under $checked of bandit and flake8"
