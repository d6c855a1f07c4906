package dev.kimi.sim;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.Settlement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream that may be sent to two endpoints: at most one of them delivers, and all that was held is given back. */
final class HedgedCall implements CallObserver, Flow.Subscriber<ChatEvent> {

    private final List<String> complaints;
    private final int number;
    private final StringBuilder text = new StringBuilder();
    private final Map<Integer, String> open = new LinkedHashMap<>();
    private final List<Settlement> settled = new ArrayList<>();
    private int granted;
    private int attempts;
    private int hedges;
    private int ends;
    private boolean begun;
    private CallEvent.@Nullable Finished finished;
    private @Nullable ChatStream stream;

    HedgedCall(List<String> complaints, int number) {
        this.complaints = complaints;
        this.number = number;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            complaints.add("call " + number + ": " + otherwise);
        }
    }

    void reads(ChatStream given) {
        stream = given;
        given.subscribe(this);
    }

    void leaves() {
        ChatStream given = stream;
        if (given != null) {
            given.close();
            check(finished != null, "goes on although it was closed");
        }
    }

    /** Something was reserved for it; gives what to do when that is settled. */
    Consumer<Settlement> reserved() {
        granted++;
        check(granted - settled.size() <= 2, "holds more than two reservations");
        return settled::add;
    }

    /** How often it was sent twice. */
    int hedges() {
        return hedges;
    }

    int attempts() {
        return attempts;
    }

    @Override
    public void onEvent(CallEvent event) {
        check(finished == null, event + " after the end");
        if (event instanceof CallEvent.AttemptStarted started) {
            check(!begun, "an attempt past the commit point");
            check(!open.containsValue(started.endpoint()), "two attempts at one endpoint");
            check(open.size() < 2, "three attempts at once");
            check(started.attempt() == ++attempts, "attempt " + started.attempt() + " is number " + attempts);
            open.put(started.attempt(), started.endpoint());
        } else if (event instanceof CallEvent.AttemptFinished ended) {
            check(open.remove(ended.attempt()) != null, "the end of no attempt");
        } else if (event instanceof CallEvent.FirstEvent) {
            check(!begun, "a second first event");
            check(open.size() == 1, "delivers while " + open.size() + " attempts are under way");
            begun = true;
        } else if (event instanceof CallEvent.Hedged hedged) {
            hedges++;
            check(hedges == 1, "is sent twice again");
            check(!hedged.from().equals(hedged.to()), "is sent to " + hedged.to() + " twice");
            check(
                    hedged.winner() == null
                            || List.of(hedged.from(), hedged.to()).contains(hedged.winner()),
                    "was won by " + hedged.winner());
        } else if (event instanceof CallEvent.Rerouted || event instanceof CallEvent.RetryScheduled) {
            check(!begun, event + " past the commit point");
            check(open.isEmpty(), "goes on while an attempt is under way");
        } else if (event instanceof CallEvent.Finished end) {
            finished = end;
            check(open.isEmpty(), "ends within an attempt");
            check(end.attempts() == attempts, "made " + attempts + " attempts, and says " + end.attempts());
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ChatEvent event) {
        check(ends == 0, "an event after the end");
        if (event instanceof ChatEvent.Text piece) {
            text.append(piece.value());
        }
    }

    @Override
    public void onError(Throwable failure) {
        ends++;
    }

    @Override
    public void onComplete() {
        ends++;
    }

    /** Nothing happens any more. The responses that were sent to it are given. */
    void checkTheEnd(List<String> sent) {
        check(finished != null, "never ended");
        check(settled.size() == granted, granted + " reservations, and " + settled.size() + " are settled");
        check(sent.stream().anyMatch(one -> one.startsWith(text.toString())), "delivered parts of two responses");
        boolean good = finished != null && finished.outcome() == CallEvent.Outcome.SUCCESS;
        long completed = settled.stream()
                .filter(one -> one.outcome() == Settlement.Outcome.COMPLETED)
                .count();
        check(completed == (good ? 1 : 0), completed + " reservations are settled as used");
        check(!good || sent.contains(text.toString()), "a good response lacks some of its text");
        check(ends <= 1, "two ends");
    }
}
