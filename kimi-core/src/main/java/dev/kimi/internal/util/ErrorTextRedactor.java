package dev.kimi.internal.util;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes text from outside fit to be shown. A service's words say best what is wrong with a request, but they also quote
 * keys, account ids and pieces of the prompt; the messages of a transport's exceptions quote bytes of the connection.
 * So only the vocabulary of API and transport errors, field names and short numbers pass, in ASCII; every other word,
 * and every quotation of several words, becomes an ellipsis, and a text that is mostly ellipses is not shown at all.
 */
public final class ErrorTextRedactor {

    private static final int LONGEST_INPUT = 2_000;
    private static final int LONGEST_OUTPUT = 300;
    private static final int LONGEST_WORD = 60;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}(,\\d{3}){0,3}|\\d{1,9}(\\.\\d{1,6})?");
    private static final Pattern INDEX = Pattern.compile("\\d{1,6}");
    private static final Pattern PARTS = Pattern.compile("[\\[\\].:=/]+");
    /** Most characters of a name that a service gives to an error. */
    public static final int LONGEST_NAME = 64;

    private static final Pattern PARTS_OF_NAME =
            Pattern.compile("[_.:/-]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");
    private static final Set<String> WORDS = words("""
            a about above accepted access account accounts action activate active actual add additional adjacent
            after afterwards again against ai alert all allow allowed already also alternate alternative an anchor
            anchors and another any anyof api are argument arguments array arrears as assistant at authenticate
            authentication auto available back bad bad_certificate balance banned based be bearer because been
            before begin billing blocked body boolean both broken bucket budget budget_tokens builder building busy
            but by cache cache_control call called calls can cannot cap capacity cert certificate certificate_expired
            certificate_required certificate_unknown certificates certification certpath certpathvalidatorexception
            chain change channel character characters chat check choice choices chunk chunked cipher cleartext
            client close close_notify closed code codec coding combination combined common complete completion
            completions compression concurrency concurrent concurrently condition configured connect connecting
            connection connections contact contain contained contains content content-length context control
            conversation converted correct corrupted could count create credential credentials credit credits
            currency current currently cut cycle daily data day days deadline declared decode decoder decoding
            decrypt_error decrypted deep default definition definitions demand denied depleted deprecated depth
            description detail details developer did different disabled dns do documentation does done down due
            duplicate duplicated duration each effort element elements empty enable enabled encoding encrypted end
            endpoint engine enough entity enum eof error errors established exceed exceeded exceeds exception
            exceptions exhausted exist exists expected expired expires extension extra fail failed failure false
            fatal feature field fields file file_id files filter filtered find finish_reason first flagged flavored
            float follow followed following for forbidden format found frame frames frequency frequency_penalty from
            full function functions funds gateway general get given goaway grant greater guidelines had handle
            handshake handshake_failure has have header header_list headers high higher host hostname hour hourly
            hours http http2 https id if illegal illegal_parameter image image_url images in inappropriate inbound
            include include_usage included incompatible incorrect index inference input inspect inspection
            insufficient integer internal internal_error invalid io is it item items its java javax json json_object
            json_schema key keys kind large larger last later least left length less level limit limited limits line
            list load localhost locked logprobs long longer low lower made maintenance malformed many match matching
            max max_completion_tokens max_tokens maximum may media member members membership message messages
            messages.content method min minimum minute minutes missing modality mode model models moderation monthly
            moonshot more most ms must n name named names nested net netty next no no_application_protocol non none
            not not-found notified null number object objects of off on one only operation option options or order
            organization other our out outbound output output_config outputs over overdue overload overloaded own
            parameter parameters parse parsed part partial parts path payload payment peer penalty per permission
            permissions permitted phrase ping pipe pkix place plaintext plan please plugin policy position positive
            prefix premature prematurely presence presence_penalty previous prohibited project prompt
            prompt_cache_key properties property protocol protocol_version provide provided provider purpose quota
            quotas range rate rate-limited reach reached read reason reasoning reasoning_content reasoning_effort
            receive received recharge record reduce ref refuse refused region regular rejected remote remove
            renegotiation request requested requests require required requires reset resource response
            response_format responses responsible result results retired retries retry retryable return revoked risk
            role roles root rpm safe safety safety_identifier same sampling schema second seconds security see
            select send sensitive sent sequence serial server service session set settings shorter should shutdown
            signature single size slow socket some specified ssl ssl-record sslexception start state status stop
            stop_sequences stream stream_options streaming streams strict string strings strong subject such suffix
            sum sun suncertpathbuilderexception support supported supports suspended system target temperature
            temporarily terminated text than that the their then there they thinking thinking_blocks this throttled
            throttling tier time timeout times tls tls-record tls/ssl to together token tokens too tool tool_call
            tool_call_id tool_calls tool_choice tool_result tool_use tools tools.function.parameters top top-up
            top_k top_logprobs top_p total tpd tpm traffic transfer transfer-encoding transport trial true trust
            trusted try two type types unable unauthorized unavailable undefined unexpected unique unit unknown
            unknown_ca unless unprocessable unreachable unrecognized unrecognized_name unsupported until up updated
            upgrade upstream url usage use used user using utf-8 util valid validation validator validatorexception
            validity value values verification verify version video video_url violated violates violation was web
            weekly were what when where which while will wire with without word write writing written wrong
            x-api-key yet you your
            """);

    private ErrorTextRedactor() {}

    /** What of {@code message} may be shown, at most 300 characters, or null when nothing worth it is left. */
    public static @Nullable String of(@Nullable String message) {
        if (message == null || message.isBlank()) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        int shown = 0;
        int masked = 0;
        StringTokenizer tokens = new StringTokenizer(message.substring(0, Math.min(message.length(), LONGEST_INPUT)));
        Quotation quotation = new Quotation();
        while (tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            if (out.length() + token.length() > LONGEST_OUTPUT) {
                break;
            }
            if (!quotation.covers(token) && harmless(token)) {
                shown++;
                out.append(out.isEmpty() ? "" : " ").append(token);
            } else {
                masked++;
                out.append(out.isEmpty() ? "…" : out.charAt(out.length() - 1) == '…' ? "" : " …");
            }
        }
        return shown <= masked ? null : out.toString();
    }

    /** Whether nothing of the text would have to be masked or cut. */
    public static boolean isHarmless(String text) {
        Quotation quotation = new Quotation();
        StringTokenizer tokens = new StringTokenizer(text);
        boolean harmless = text.length() <= LONGEST_OUTPUT;
        while (harmless && tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            harmless = !quotation.covers(token) && harmless(token);
        }
        return harmless;
    }

    /** Whether the text is a name put together from the vocabulary, such as {@code rate_limit_reached_error}. */
    public static boolean isHarmlessName(String name) {
        return isIdentifier(name, LONGEST_NAME)
                && (WORDS.contains(name.toLowerCase(Locale.ROOT))
                        || Arrays.stream(PARTS_OF_NAME.split(name)).allMatch(ErrorTextRedactor::isWordOrIndex));
    }

    private static boolean isWordOrIndex(String part) {
        return part.isEmpty()
                || WORDS.contains(part.toLowerCase(Locale.ROOT))
                || INDEX.matcher(part).matches();
    }

    private static boolean harmless(String token) {
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return false;
        }
        String bare = strip(token);
        if (bare.isEmpty()) {
            return token.length() <= 3;
        }
        String lower = bare.toLowerCase(Locale.ROOT);
        if (WORDS.contains(lower) || NUMBER.matcher(bare).matches()) {
            return true;
        }
        String[] parts = PARTS.split(lower);
        return bare.length() <= LONGEST_WORD
                // an address of digits alone is nobody's index
                && Arrays.stream(parts).anyMatch(part -> WORDS.contains(strip(part)))
                && Arrays.stream(parts).allMatch(part -> isWordOrIndex(strip(part)));
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

    /** Follows quotation marks through the words of a text: whoever quotes several words quotes somebody. */
    private static final class Quotation {
        private static final String OPENING = "'\"`“‘«";
        private static final String CLOSING = "'\"`”’»";
        private int kind = -1;

        /** Whether the next word belongs to a quotation of several words. */
        boolean covers(String word) {
            if (kind >= 0) {
                kind = closes(word) ? -1 : kind;
                return true;
            }
            int at = 0;
            while (at < word.length() && "([{:=".indexOf(word.charAt(at)) >= 0) {
                at++;
            }
            int mark = at < word.length() ? OPENING.indexOf(word.charAt(at)) : -1;
            if (mark < 0 || word.indexOf(CLOSING.charAt(mark), at + 1) >= 0) {
                return false;
            }
            kind = mark;
            return true;
        }

        private boolean closes(String word) {
            int last = word.length() - 1;
            while (last > 0 && ".,:;!?)]}".indexOf(word.charAt(last)) >= 0) {
                last--;
            }
            return word.charAt(last) == CLOSING.charAt(kind);
        }
    }

    /**
     * Whether the text is made as identifiers are, of ASCII letters, digits and {@code _ . : / -}: anything else might
     * be anything, and identifiers are shown in logs and traces.
     *
     * @param longest most characters
     */
    public static boolean isIdentifier(String text, int longest) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            // from '-' to ':' stand '-', '.', '/', the digits and ':'
            if (!letter && !(c >= '-' && c <= ':') && c != '_') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= longest;
    }
}
