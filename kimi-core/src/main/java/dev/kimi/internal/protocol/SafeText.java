package dev.kimi.internal.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a service's words fit to be shown. They say best what is wrong with a request, but they also quote keys,
 * account ids and pieces of the prompt. So only the vocabulary of API errors, field names and short numbers pass; every
 * other word becomes an ellipsis, and a text that is mostly ellipses is not shown at all.
 */
final class SafeText {

    private static final int LONGEST_INPUT = 2_000;
    private static final int LONGEST_OUTPUT = 300;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}(,\\d{3})*|\\d{1,9}(\\.\\d{1,6})?");
    private static final Pattern INDEX = Pattern.compile("\\d{1,6}");
    private static final Pattern PARTS = Pattern.compile("[\\[\\].:=/]+");
    private static final Set<String> WORDS = words("""
            a about above access accepted account accounts action active actual add additional adjacent after again
            against all allow allowed already also alternate an and another any anyof api are argument arguments array
            as assistant at authenticate authentication auto available back bad balance banned based be because been
            before begin billing body boolean both bucket budget but by cache call called calls can cannot capacity cap
            change character characters chat check choice choices client code coding combination combined completion
            completions complete concurrency concurrent condition configured connection contact contain contained
            contains content context control conversation converted correct could count create credential credentials
            credit credits currency current currently cycle daily data day days deadline declared deep default
            definition definitions denied depth deprecated description detail details developer did different disabled
            do documentation does done due duplicate duplicated duration each effort element elements empty enable
            enabled end endpoint engine enough entity enum error errors exceed exceeded exceeds exception exist exists
            expected expired extra fail failed failure false feature field fields file files filter filtered find first
            flavored flagged float follow followed following for forbidden format found frequency from full function
            functions gateway general get given grant greater had handle has have header headers high higher hour hours
            http https id if image images in include included incompatible incorrect index inference input insufficient
            integer internal invalid is it item items its json key keys large larger last later least left length less
            level limit limits limited list load locked long longer low lower made maintenance many match max maximum
            may media member members membership message messages method min minimum minute minutes missing mode model
            models modality more most moonshot must n name named names nested next no non none not null number object
            objects of off on one only operation option options or order organization other our out output over
            overloaded overload own parameter parameters parse parsed part parts payload payment penalty per permission
            permissions permitted place plan please plugin policy position positive presence previous project prompt
            properties property provide provided provider purpose quota range rate reach reached read reason reasoning
            recharge reduce ref refused region regular rejected remove request requested requests require required
            requires reset resource response responses result results retired retry return role roles root rpm rate
            risk safety same sampling schema second seconds see send sent sequence server service session set should
            shorter single size some specified start status stop stream streaming strict string strings strong such
            sum support supported supports suspended system temperature temporarily text than that the their then there
            they thinking this tier time timeout times to together token tokens too tool tools top total tpd tpm true
            try two type types unable unauthorized unavailable undefined unexpected unique unit unknown unless
            unprocessable unsupported until up updated upgrade upstream url usage use used user using valid validation
            value values version video was web were what when where which while will with without word write wrong
            yet you your
            rate-limited x-api-key
            top_p top_k max_tokens max_completion_tokens tool_choice tool_calls tool_call tool_call_id
            reasoning_content reasoning_effort response_format json_schema json_object finish_reason presence_penalty
            frequency_penalty stream_options include_usage logprobs top_logprobs prompt_cache_key safety_identifier
            file_id image_url video_url data prefix partial stop_sequences budget_tokens cache_control tool_use
            tool_result signature thinking_blocks output_config messages.content tools.function.parameters
            """);

    private SafeText() {}

    /** What of {@code message} may be shown, at most 300 characters, or null when nothing worth it is left. */
    static @Nullable String of(@Nullable String message) {
        if (message == null || message.isBlank()) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        int shown = 0;
        int masked = 0;
        StringTokenizer tokens = new StringTokenizer(message.substring(0, Math.min(message.length(), LONGEST_INPUT)));
        while (tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            if (out.length() + token.length() > LONGEST_OUTPUT) {
                break;
            }
            if (harmless(token)) {
                shown++;
                out.append(out.isEmpty() ? "" : " ").append(token);
            } else {
                masked++;
                out.append(out.isEmpty() ? "…" : out.charAt(out.length() - 1) == '…' ? "" : " …");
            }
        }
        return shown <= masked ? null : out.toString();
    }

    private static boolean harmless(String token) {
        String bare = strip(token);
        if (bare.isEmpty()) {
            return token.length() <= 3;
        }
        String lower = bare.toLowerCase(Locale.ROOT);
        if (WORDS.contains(lower) || NUMBER.matcher(bare).matches()) {
            return true;
        }
        return bare.length() <= 60
                && Arrays.stream(PARTS.split(lower))
                        .allMatch(part -> part.isEmpty()
                                || WORDS.contains(strip(part))
                                || INDEX.matcher(part).matches());
    }

    private static String strip(String token) {
        int from = 0;
        int to = token.length();
        while (from < to && punctuation(token.charAt(from))) {
            from++;
        }
        while (to > from && punctuation(token.charAt(to - 1))) {
            to--;
        }
        String bare = token.substring(from, to);
        return bare.endsWith("'s") ? bare.substring(0, bare.length() - 2) : bare;
    }

    private static boolean punctuation(char c) {
        return "'\"`.,:;!?()[]{}".indexOf(c) >= 0;
    }

    private static Set<String> words(String text) {
        return text.strip()
                .lines()
                .flatMap(line -> Arrays.stream(line.split(" ")))
                .collect(Collectors.toUnmodifiableSet());
    }
}
