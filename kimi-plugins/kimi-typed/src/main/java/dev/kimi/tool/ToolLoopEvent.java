package dev.kimi.tool;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.ToolCall;
import java.time.Duration;

/**
 * What happens in a loop, in order. Events do not print content. Ignore the types that you do not know.
 *
 * <p>A round is {@link RoundStarted}, its {@link Chat}s if it is streamed, {@link RoundEnded}, and then for each tool
 * that the model called {@link ToolStarted} and {@link ToolEnded}, those of several tools mixed.
 */
public sealed interface ToolLoopEvent {

    /** Which round, from 1. */
    int round();

    /** A call of the service begins. */
    record RoundStarted(int round) implements ToolLoopEvent {}

    /** A piece of the streamed response of this round. */
    record Chat(int round, ChatEvent event) implements ToolLoopEvent {}

    /** The response of this round is whole. */
    record RoundEnded(int round, ChatResponse response) implements ToolLoopEvent {}

    /** A tool is handed to its executor. */
    record ToolStarted(int round, ToolCall call) implements ToolLoopEvent {}

    /**
     * A tool has ended.
     *
     * @param result what the model gets; as an error if the tool failed, took too long, is unknown or got wrong
     *     arguments
     * @param elapsed from its start, the wait for a thread included
     */
    record ToolEnded(int round, ToolCall call, ContentPart.ToolResult result, Duration elapsed)
            implements ToolLoopEvent {}
}
