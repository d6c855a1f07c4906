package dev.kimi.internal.protocol;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.InvalidRequestException.Reason;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.DataFile;
import dev.kimi.internal.util.ErrorTextRedactor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What services say when they reject a request (4xx), which field it means, and what to write instead. */
final class BadRequestHints {

    private static final BadRequestHints KNOWN = of(DataFile.read(BadRequestHints.class, "bad-request-hints.json"));

    private record Rule(Pattern words, @Nullable String param, Fix fix) {}

    private record Fix(String text, Reason reason) {}

    private final Map<String, Fix> fixes = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();

    private BadRequestHints() {}

    /** Reads the resource, in which the first rule whose words are found counts. */
    static BadRequestHints of(DataFile data) {
        BadRequestHints hints = new BadRequestHints();
        DataFile fixes = data.object("fixes");
        for (String name : fixes.names()) {
            hints.fixes.put(name, new Fix(fixes.text(name), Reason.OTHER));
        }
        hints.mark(data.texts("too-long"), Reason.TOO_LONG);
        hints.mark(data.texts("reasoning-mismatch"), Reason.REASONING_MISMATCH);
        hints.mark(data.texts("not-offered"), Reason.NOT_OFFERED);
        for (DataFile rule : data.objects("rules")) {
            hints.rules.add(new Rule(
                    Pattern.compile(rule.text("words")), rule.textOrNull("param"), hints.fix(rule.text("fix"))));
            rule.end();
        }
        data.end();
        return hints;
    }

    private void mark(List<String> names, Reason reason) {
        names.forEach(name -> fixes.put(name, new Fix(fix(name).text(), reason)));
    }

    private Fix fix(String name) {
        Fix fix = fixes.get(name);
        if (fix == null) {
            throw new IllegalStateException("bad-request-hints.json: there is no fix " + name);
        }
        return fix;
    }

    /** @param counting whether a count of tokens was requested, which not every service has */
    static KimiException explain(
            int status, String said, ErrorBody body, KimiException.Details details, boolean counting) {
        return KNOWN.rejection(status, said, body, details, counting);
    }

    private KimiException rejection(
            int status, String said, ErrorBody body, KimiException.Details details, boolean counting) {
        String words = body.words();
        if (status < 400) {
            return rejection(said, details, null, fix("redirect"));
        } else if (status == 404) {
            boolean model = words.contains("model") || words.contains("permission denied");
            String fix = model ? "model" : counting ? "no-count" : "address";
            return rejection(said, details, model ? "model" : null, fix(fix));
        } else if (status == 405 && counting) {
            return rejection(said, details, null, fix("no-count"));
        } else if (status == 413) {
            return rejection(said, details, null, fix("smaller"));
        }
        for (Rule rule : rules) {
            if (rule.words().matcher(words).find()) {
                return rejection(said, details, rule.param(), rule.fix());
            }
        }
        return rejection(said, details, ErrorTextRedactor.of(body.param), null);
    }

    private static KimiException rejection(
            String said, KimiException.Details details, @Nullable String param, @Nullable Fix fix) {
        return fix == null
                ? new InvalidRequestException(said + " Change the request.", details, param, null)
                : new InvalidRequestException(said + " " + fix.text(), details, param, fix.text(), fix.reason());
    }
}
