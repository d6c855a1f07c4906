package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.Omissions;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the turns of a conversation. What a turn is written as depends on the turns before it and on where it goes,
 * and on nothing behind it: prompt caches, and the signatures of thinking, hold for the bytes of the conversation so
 * far.
 */
final class MessagesWriter {

    private final JsonWriter out;
    private final EncodeTarget target;
    private final Omissions omissions;
    private final SentBlocks sent;
    private final BlockWriter blocks;

    /** @param lifetime of what a breakpoint keeps in the cache, or null for the shortest */
    MessagesWriter(JsonWriter out, EncodeTarget target, SentBlocks sent, @Nullable String lifetime) {
        this.out = out;
        this.target = target;
        this.omissions = sent.omissions();
        this.sent = sent;
        this.blocks = new BlockWriter(out, target, lifetime);
    }

    /** Writes the instructions that stand before the conversation. */
    void system(List<Message> messages) {
        // a block of the prompt has no fields of a message
        messages.forEach(this::fields);
        Message only = messages.size() == 1 ? messages.get(0) : null;
        if (messages.stream().allMatch(message -> said(message).isEmpty())) {
            return;
        }
        out.name("system");
        if (only != null && !only.cacheBreakpoint() && only.parts().isEmpty()) {
            out.value(only.text());
            return;
        }
        out.beginArray();
        for (Message message : messages) {
            blocks.content(said(message), message.cacheBreakpoint());
        }
        out.endArray();
    }

    /** Writes the turns; results of tools that follow one another are one turn of the user. */
    void turns(List<Message> messages) {
        int i = 0;
        while (i < messages.size()) {
            Message message = messages.get(i);
            if (message.role() == Message.Role.TOOL) {
                int end = i + 1;
                while (end < messages.size() && messages.get(end).role() == Message.Role.TOOL) {
                    end++;
                }
                results(messages.subList(i, end));
                i = end;
            } else {
                turn(message);
                i++;
            }
        }
    }

    private Map<String, Object> fields(Message message) {
        if (!target.own()) {
            message.extra().keySet().forEach(omissions::field);
        }
        return target.fields(message.extra(), message.extra(Provenance.ANTHROPIC));
    }

    private void results(List<Message> messages) {
        out.beginObject().field("role", "user");
        out.name("content").beginArray();
        for (Message message : messages) {
            for (Iterator<Block> results = message.blocks().iterator(); results.hasNext(); ) {
                if (results.next().content() instanceof ContentPart.ToolResult result) {
                    blocks.result(result, message.cacheBreakpoint() && !results.hasNext());
                }
            }
        }
        out.endArray();
        Map<String, Object> more = new LinkedHashMap<>(0);
        messages.forEach(message -> more.putAll(fields(message)));
        more.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    private void turn(Message message) {
        Map<String, Object> more = fields(message);
        List<ContentPart> said = message.role() == Message.Role.ASSISTANT ? List.of() : said(message);
        boolean plain = said.size() == 1 && said.get(0) instanceof ContentPart.Text && !message.cacheBreakpoint();
        List<Block> turn = message.role() == Message.Role.ASSISTANT ? sent.of(message) : List.of();
        if (turn.isEmpty() && said.isEmpty() && !more.containsKey("content")) {
            // a turn without content is rejected, and adds nothing
            return;
        }
        out.beginObject().field("role", role(message));
        if (!more.containsKey("content")) {
            out.name("content");
            if (plain) {
                out.value(((ContentPart.Text) said.get(0)).text());
            } else {
                out.beginArray();
                if (message.role() == Message.Role.ASSISTANT) {
                    blocks.assistant(turn, message.cacheBreakpoint());
                } else {
                    blocks.content(said, message.cacheBreakpoint());
                }
                out.endArray();
            }
        }
        more.forEach((name, value) -> out.name(name).any(value));
        out.endObject();
    }

    /** Instructions amid the conversation stay where they stand, be it as what the user says. */
    private String role(Message message) {
        ModelCard card = target.card();
        if (message.role() == Message.Role.SYSTEM && card.knows(Fact.SYSTEM_TURNS) && !card.flag(Fact.SYSTEM_TURNS)) {
            omissions.systemTurn();
            return Message.Role.USER.wireName();
        }
        return message.role().wireName();
    }

    private List<ContentPart> said(Message message) {
        List<ContentPart> parts = new ArrayList<>(1);
        for (Block block : message.blocks()) {
            if (SentBlocks.isSaid(block.content())) {
                parts.add(block.content());
            }
        }
        return parts;
    }
}
