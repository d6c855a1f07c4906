package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.service.ModelCard;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The list of models from all of its pages, each of which is a call. Those follow one another on the threads on which
 * responses arrive, so that whoever waits for the list needs none of the callback executor.
 */
final class ModelPages implements CallHandle {

    /** A list is longer only by mistake of the service: it may take 1,000 models a page. */
    private static final int MAX_PAGES = 100;

    /** Begins the call for one page. */
    @FunctionalInterface
    interface Caller {
        CallHandle begin(CallRequest.Models page, WholeResponseFuture<ModelPage> consumer);
    }

    private final Caller caller;
    private final TimeSource time;
    private final Duration limit;
    private final long startNanos;
    private final Executor executor;
    private final CallFuture<List<ModelCard>> all = new CallFuture<>();
    /** Touched by what one page brings about, before the next is asked for. */
    private final List<ModelCard> found = new ArrayList<>();

    private int pages;
    private volatile @Nullable CallHandle current;
    private volatile @Nullable Function<KimiException.Details, KimiException> cancelled;

    /**
     * @param limit time for the whole list
     * @param executor where the future is completed
     */
    ModelPages(Caller caller, TimeSource time, Duration limit, Executor executor) {
        this.caller = caller;
        this.time = time;
        this.limit = limit;
        this.startNanos = time.nanoTime();
        this.executor = executor;
    }

    CompletableFuture<List<ModelCard>> begin() {
        all.of(this);
        page(null, limit);
        return all;
    }

    private void page(@Nullable String after, Duration left) {
        WholeResponseFuture<ModelPage> consumer = new WholeResponseFuture<>(
                (endpoint, body, context, mark) -> endpoint.decodeModels(body, context), Runnable::run);
        CallHandle call = caller.begin(new CallRequest.Models(after, left), consumer);
        current = call;
        Function<KimiException.Details, KimiException> reason = cancelled;
        if (reason != null) {
            call.cancel(reason); // between two pages
        }
        consumer.future().whenComplete((page, failure) -> {
            if (failure instanceof KimiException failed) {
                all.fail(failed, executor);
            } else {
                arrived(page, after);
            }
        });
    }

    private void arrived(ModelPage page, @Nullable String after) {
        found.addAll(page.models());
        pages++;
        String next = page.next();
        if (next == null || next.equals(after) || pages == MAX_PAGES) {
            all.succeed(List.copyOf(found), executor);
        } else {
            long left = limit.toNanos() - (time.nanoTime() - startNanos);
            page(next, Duration.ofNanos(Math.max(left, 1)));
        }
    }

    @Override
    public void cancel(Function<KimiException.Details, KimiException> reason) {
        cancelled = reason;
        CallHandle call = current;
        if (call != null) {
            call.cancel(reason);
        }
    }

    @Override
    public KimiException.Details known() {
        CallHandle call = current;
        return call == null ? KimiException.Details.NONE : call.known();
    }

    @Override
    public void firstEventDelivered() {}
}
