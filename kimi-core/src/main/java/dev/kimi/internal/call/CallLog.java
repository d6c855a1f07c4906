package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes one line for each attempt, wait and end of a call, of names and numbers only. One object follows one call that
 * began while DEBUG was on; the others have none.
 */
final class CallLog implements CallObserver {

    private static final System.Logger LOG = System.getLogger("dev.kimi.calls");
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_MESSAGE = 400;

    /** What every line of the call says. */
    private final String call;

    private @Nullable KimiException lastFailure;
    private boolean retryScheduled;
    private long firstEventMillis = -1;

    private CallLog(CallEvent.Started event) {
        Line line = new Line("")
                .add("call", event.number())
                .add("client", oneLine(event.client(), LONGEST_NAME))
                .add("operation", event.operation());
        if (event.model() != null) {
            line.add("model", oneLine(event.model(), LONGEST_NAME));
        }
        this.call = line.toString();
    }

    /** The log of a call that begins, or {@link CallObserver#NONE} when DEBUG is off. */
    static CallObserver of(CallEvent.Started event) {
        return LOG.isLoggable(System.Logger.Level.DEBUG) ? new CallLog(event) : CallObserver.NONE;
    }

    @Override
    public void onEvent(CallEvent event) {
        if (event instanceof CallEvent.AttemptStarted started) {
            attemptStarted(started);
        } else if (event instanceof CallEvent.FirstEvent first) {
            firstEventMillis = first.sinceStart().toMillis();
        } else if (event instanceof CallEvent.AttemptFinished finished) {
            attemptFinished(finished);
        } else if (event instanceof CallEvent.RetryScheduled retry) {
            retryScheduled(retry);
        } else if (event instanceof CallEvent.Held held) {
            log(line("Call held back")
                    .add("wait", held.delay().toMillis() + "ms")
                    .add("source", "gate"));
        } else if (event instanceof CallEvent.Rerouted rerouted) {
            rerouted(rerouted);
        } else if (event instanceof CallEvent.Hedged hedged) {
            hedged(hedged);
        } else if (event instanceof CallEvent.Noted noted) {
            log(line("Content changed or left out")
                    .add("code", noted.code())
                    .add("message", "\"" + oneLine(noted.message(), LONGEST_MESSAGE) + "\""));
        } else if (event instanceof CallEvent.Finished finished) {
            finished(finished);
        }
    }

    private void attemptStarted(CallEvent.AttemptStarted event) {
        KimiException failure = lastFailure;
        if (failure != null && !retryScheduled) {
            retry(event.attempt(), 0, "new-credentials", failure);
        }
        retryScheduled = false;
        lastFailure = null;
    }

    private void attemptFinished(CallEvent.AttemptFinished event) {
        lastFailure = event.failure();
        Line line = line("Attempt ended")
                .add("endpoint", oneLine(event.endpoint(), LONGEST_NAME))
                .add("attempt", event.attempt())
                .add("status", event.status())
                .add("time", event.duration().toMillis() + "ms")
                .add("requestId", event.requestId());
        addFailure(line, event.failure());
        log(line);
    }

    private void retryScheduled(CallEvent.RetryScheduled event) {
        retryScheduled = true;
        retry(event.nextAttempt(), event.delay().toMillis(), source(event.source()), event.failure());
    }

    private void rerouted(CallEvent.Rerouted event) {
        retryScheduled = true;
        Line line = line("Call goes elsewhere")
                .add("from", oneLine(event.from(), LONGEST_NAME))
                .add("to", oneLine(event.to(), LONGEST_NAME))
                .add("reason", lower(event.reason()).replace('_', '-'));
        if (!event.delay().isZero()) {
            line.add("wait", event.delay().toMillis() + "ms");
        }
        if (event.lostCache() != null) {
            line.add("lostCache", event.lostCache().toPlainString() + event.currency());
        }
        addFailure(line, event.failure());
        log(line);
    }

    private void hedged(CallEvent.Hedged event) {
        Line line = line("Call hedged")
                .add("from", oneLine(event.from(), LONGEST_NAME))
                .add("to", oneLine(event.to(), LONGEST_NAME))
                .add("after", event.after().toMillis() + "ms")
                .add("winner", event.winner() == null ? "none" : oneLine(event.winner(), LONGEST_NAME));
        if (event.cost() != null) {
            line.add("cost", event.cost().toPlainString() + event.currency());
        }
        log(line);
    }

    private void retry(int attempt, long waitMillis, String source, KimiException failure) {
        Line line = line("Retry scheduled")
                .add("attempt", attempt)
                .add("wait", waitMillis + "ms")
                .add("source", source);
        if (failure.retryAfter() != null) {
            line.add("hint", failure.retryAfter().toMillis() + "ms");
        }
        log(line.add("status", failure.status())
                .add("reason", failure.getClass().getSimpleName())
                .add("detail", detail(failure))
                .add("requestId", failure.requestId()));
    }

    private void finished(CallEvent.Finished event) {
        Line line = line("Call ended")
                .add("endpoint", event.endpoint() == null ? null : oneLine(event.endpoint(), LONGEST_NAME))
                .add("outcome", lower(event.outcome()))
                .add("status", event.status())
                .add("attempts", event.attempts())
                .add("time", event.duration().toMillis() + "ms");
        if (firstEventMillis >= 0) {
            line.add("firstEvent", firstEventMillis + "ms");
        }
        if (event.promptTokens() >= 0) {
            line.add("promptTokens", event.promptTokens());
        }
        if (event.completionTokens() >= 0) {
            line.add("completionTokens", event.completionTokens());
        }
        addFailure(line, event.failure());
        log(line);
    }

    private static void addFailure(Line line, @Nullable KimiException failure) {
        if (failure != null) {
            line.add("failure", failure.getClass().getSimpleName())
                    .add("detail", detail(failure))
                    .add("message", "\"" + oneLine(String.valueOf(failure.getMessage()), LONGEST_MESSAGE) + "\"");
        }
    }

    /** What the type alone does not tell: the service's name of the error, the limit, the phase or the reason. */
    private static @Nullable String detail(KimiException failure) {
        if (failure.errorType() != null) {
            return failure.errorType();
        }
        if (failure instanceof DeadlineExceededException late) {
            return lower(late.phase());
        }
        if (failure instanceof RejectedException rejected) {
            return lower(rejected.reason());
        }
        return failure instanceof RateLimitException limited ? lower(limited.limit()) : null;
    }

    private static String source(CallEvent.DelaySource source) {
        return lower(source).replace('_', '-');
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Names of callers and messages of plug-ins may hold anything; a line must stay one. */
    private static String oneLine(String text, int longest) {
        StringBuilder safe = new StringBuilder(Math.min(text.length(), longest));
        for (int i = 0; i < text.length() && i < longest; i++) {
            char c = text.charAt(i);
            boolean breaks = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            safe.append(breaks ? ' ' : c);
        }
        return safe.toString();
    }

    private Line line(String what) {
        return new Line(what + ":" + call);
    }

    private static void log(Line line) {
        LOG.log(System.Logger.Level.DEBUG, line.toString());
    }

    /** Names and values, as in {@code attempt=1}. */
    private static final class Line {
        private final StringBuilder text;

        private Line(String begin) {
            this.text = new StringBuilder(256).append(begin);
        }

        private Line add(String name, long value) {
            text.append(' ').append(name).append('=').append(value);
            return this;
        }

        private Line add(String name, @Nullable String value) {
            if (value != null) {
                text.append(' ').append(name).append('=').append(value);
            }
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
