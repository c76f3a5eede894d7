# Reads NUnit's result file; prints a line per test: outcome, tab, full name, tab, reason or message (its first lines).
# An explicit test that nobody asked for did not run and is no result.

function attribute(name,    value) {
    if (!match($0, " " name "=\"[^\"]*\"")) return ""
    value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    gsub(/&lt;/, "<", value); gsub(/&gt;/, ">", value); gsub(/&quot;/, "\"", value)
    gsub(/&#x[0-9A-Fa-f]+;/, " ", value); gsub(/&amp;/, "\\&", value)
    return value
}

function finish() {
    if (name != "" && label != "Explicit") printf "%s\t%s\t%s\n", outcome, name, message
    name = ""
}

{ sub(/\r$/, "") }

/<test-case / {
    finish()
    name = attribute("fullname"); result = attribute("result"); label = attribute("label"); message = ""; lines = 0
    outcome = (result == "Passed" || result == "Warning") ? "passed" : result == "Failed" ? "failed" : "skipped"
    if (/\/>$/) finish()
    next
}

/<\/test-case>/ { finish(); next }

/<message>/ { reading = 1; sub(/.*<message>(<!\[CDATA\[)?/, "") }

reading {
    if (/<\/message>/) { reading = 0; sub(/(\]\]>)?<\/message>.*/, "") }
    gsub(/^[ \t]+|[ \t]+$/, "")
    # What was asserted says less than what came out.
    if (!/^Assert\.That\(/ && $0 != "" && lines++ < 2) message = message (message == "" ? "" : "; ") substr($0, 1, 300)
}

END { finish() }
