# Sourced: a Wine of our own, which shares no prefix and no server with anybody and leaves nothing behind.

WINE_READY=

start_wine() {
    [[ -n $WINE_READY ]] && return
    mkdir -p "$ARTIFACTS"
    WINEPREFIX="$(mktemp -d "$ARTIFACTS/wine.XXXXXX")"
    # winedbg would print pages about every crash that a test wants to see; the menu builder writes to the home folder.
    WINEDLLOVERRIDES='winemenubuilder.exe=d;mshtml=;winedbg.exe=d'
    WINEDEBUG=-all
    WINEARCH=win64
    # Under Wine 8 the runtime's second mapping of its code (write xor execute) fails beside many sections of ours: the
    # finalizer of an emitted method then finds no memory where it expects it, and the runtime ends itself.
    DOTNET_EnableWriteXorExecute=0
    export WINEPREFIX WINEDLLOVERRIDES WINEDEBUG WINEARCH DOTNET_EnableWriteXorExecute
    unset DISPLAY WAYLAND_DISPLAY
    timeout 120 wineboot -i </dev/null >"$WINEPREFIX.log" 2>&1 || { cat "$WINEPREFIX.log"; stop_wine; return 1; }
    # Wine 8 calls itself Windows 7 unless told otherwise, and libraries ask.
    timeout 60 wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f </dev/null >>"$WINEPREFIX.log" 2>&1 || true
    WINE_READY=1
}

stop_wine() {
    [[ -n ${WINEPREFIX:-} ]] || return 0
    timeout 30 wineserver -k 2>/dev/null || true
    timeout 30 wineserver -w 2>/dev/null || true
    rm -rf "$WINEPREFIX" "$WINEPREFIX.log"
    unset WINEPREFIX DOTNET_EnableWriteXorExecute
    WINE_READY=
}

# The Windows name of a Linux path, as Wine's drive Z: shows it.
windows_path() { printf 'Z:%s' "${1//\//\\}"; }
