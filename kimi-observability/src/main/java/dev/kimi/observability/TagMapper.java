package dev.kimi.observability;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tag values for what a call ended with: few, and made beforehand. */
final class TagMapper {

    static final String NONE = "none";
    static final String OTHER = "other";
    static final String CREDENTIALS = "credentials";
    private static final String CANCELLED = "cancelled";

    private static final int[] KNOWN_STATUSES = {
        200, 201, 202, 204, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 422,
        425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 529, 530
    };
    private static final String[] STATUSES = statuses();
    private static final Map<DeadlineExceededException.Phase, String> TIMEOUTS =
            values(DeadlineExceededException.Phase.class, "timeout_");
    private static final Map<RejectedException.Reason, String> REJECTIONS =
            values(RejectedException.Reason.class, "rejected_");
    private static final Map<CallEvent.Rerouted.Reason, String> REASONS = values(CallEvent.Rerouted.Reason.class, "");
    private static final Map<Class<? extends KimiException>, String> ERRORS = Map.ofEntries(
            Map.entry(AuthenticationException.class, "authentication"),
            Map.entry(PermissionException.class, "permission"),
            Map.entry(InvalidRequestException.class, "invalid_request"),
            Map.entry(RateLimitException.class, "rate_limit"),
            Map.entry(OverloadedException.class, "overloaded"),
            Map.entry(QuotaExceededException.class, "quota_exceeded"),
            Map.entry(ServerException.class, "server"),
            Map.entry(TransportException.class, "transport"),
            Map.entry(TruncatedStreamException.class, "truncated"),
            Map.entry(ContentFilteredException.class, "content_filtered"),
            Map.entry(ConfigurationException.class, "configuration"),
            Map.entry(CallCancelledException.class, CANCELLED));

    private TagMapper() {}

    /** The status, or what stands for it when none arrived. */
    static String status(int status, @Nullable KimiException failure) {
        if (status >= 100 && status < STATUSES.length) {
            return STATUSES[status];
        }
        if (status != 0) {
            return OTHER;
        }
        if (failure == null) {
            return NONE;
        }
        if (failure instanceof CallCancelledException) {
            return CANCELLED;
        }
        if (failure instanceof DeadlineExceededException) {
            return "timeout";
        }
        if (failure instanceof TransportException) {
            return "io_error";
        }
        if (failure instanceof RejectedException rejected) {
            return rejected.reason() == RejectedException.Reason.CLOSED ? CANCELLED : "rejected";
        }
        return failure instanceof AuthenticationException || failure instanceof PermissionException
                ? CREDENTIALS
                : "error";
    }

    /** What went wrong. */
    static String error(@Nullable KimiException failure) {
        if (failure == null) {
            return NONE;
        }
        if (failure instanceof DeadlineExceededException late) {
            return TIMEOUTS.getOrDefault(late.phase(), OTHER);
        }
        if (failure instanceof RejectedException rejected) {
            return REJECTIONS.getOrDefault(rejected.reason(), OTHER);
        }
        return ERRORS.getOrDefault(failure.getClass(), OTHER);
    }

    static String outcome(CallEvent.Outcome outcome) {
        return switch (outcome) {
            case SUCCESS -> "success";
            case FAILURE -> "failure";
            case CANCELLED -> CANCELLED;
        };
    }

    /** Why a call went elsewhere. */
    static String reason(CallEvent.Rerouted.Reason reason) {
        return REASONS.getOrDefault(reason, OTHER);
    }

    private static String[] statuses() {
        String[] all = new String[600];
        for (int status = 100; status < all.length; status++) {
            all[status] = status / 100 + "xx";
        }
        for (int status : KNOWN_STATUSES) {
            all[status] = Integer.toString(status);
        }
        return all;
    }

    private static <E extends Enum<E>> Map<E, String> values(Class<E> type, String prefix) {
        Map<E, String> values = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            values.put(constant, prefix + constant.name().toLowerCase(Locale.ROOT));
        }
        return values;
    }
}
