package dev.kimi.test;

import dev.kimi.test.ReceivedRequest.Ending;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What came in and how it ended, and who waits for it. Thread-safe; futures complete outside its lock. */
final class RequestLog {

    private final int limit;
    private final Deque<ReceivedRequest> received = new ArrayDeque<>();
    private final List<ReceivedRequest> aborted = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private long receivedCount;
    private int openRequests;
    private int openConnections;
    private int blocked;
    private long connectionsAccepted;

    RequestLog(int limit) {
        this.limit = limit;
    }

    private record Waiter(Condition condition, CompletableFuture<List<ReceivedRequest>> future) {}

    /** What is waited for; null as long as it has not come about. Called under the lock. */
    @FunctionalInterface
    interface Condition {
        @Nullable List<ReceivedRequest> met();
    }

    void connectionOpened() {
        synchronized (this) {
            openConnections++;
            connectionsAccepted++;
        }
    }

    void connectionClosed() {
        synchronized (this) {
            openConnections--;
        }
        wake();
    }

    void opened() {
        synchronized (this) {
            openRequests++;
        }
    }

    /** The request is complete, or will never be. */
    void arrived(ReceivedRequest request) {
        synchronized (this) {
            receivedCount++;
            received.add(request);
            if (received.size() > limit) {
                received.remove();
            }
        }
        wake();
    }

    void ended(ReceivedRequest request, Ending ending) {
        synchronized (this) {
            openRequests--;
            if (ending.byClient() && aborted.size() < limit) {
                aborted.add(request);
            }
        }
        request.end(ending);
        wake();
    }

    synchronized List<ReceivedRequest> requests() {
        return List.copyOf(received);
    }

    synchronized int openRequests() {
        return openRequests;
    }

    synchronized int openConnections() {
        return openConnections;
    }

    synchronized long connectionsAccepted() {
        return connectionsAccepted;
    }

    CompletableFuture<List<ReceivedRequest>> whenReceived(int count) {
        return when(() -> receivedCount >= count ? List.copyOf(received) : null);
    }

    CompletableFuture<List<ReceivedRequest>> whenAborted(int count) {
        return when(() -> aborted.size() >= count ? List.copyOf(aborted) : null);
    }

    /** A response waits for its client to read on, or no longer does. */
    void blocked(int change) {
        synchronized (this) {
            blocked += change;
        }
        wake();
    }

    CompletableFuture<List<ReceivedRequest>> whenBlocked(int count) {
        return when(() -> blocked >= count ? List.copyOf(received) : null);
    }

    CompletableFuture<List<ReceivedRequest>> whenIdle() {
        return when(() -> openRequests == 0 ? List.copyOf(received) : null);
    }

    CompletableFuture<List<ReceivedRequest>> whenDisconnected() {
        return when(() -> openConnections == 0 ? List.copyOf(received) : null);
    }

    /** Forgets what came in; open requests and connections keep counting. */
    synchronized void clear() {
        received.clear();
        aborted.clear();
        receivedCount = 0;
    }

    private CompletableFuture<List<ReceivedRequest>> when(Condition condition) {
        CompletableFuture<List<ReceivedRequest>> future = new CompletableFuture<>();
        synchronized (this) {
            waiters.add(new Waiter(condition, future));
        }
        wake();
        return future;
    }

    private void wake() {
        List<Runnable> met = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                List<ReceivedRequest> result = waiter.condition.met();
                if (result != null) {
                    met.add(() -> waiter.future.complete(result));
                    each.remove();
                }
            }
        }
        met.forEach(Runnable::run);
    }
}
