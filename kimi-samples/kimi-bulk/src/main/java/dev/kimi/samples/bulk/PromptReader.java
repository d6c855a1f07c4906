package dev.kimi.samples.bulk;

import dev.kimi.chat.ChatRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns lines of JSON into requests one at a time, so that a file of any size needs little memory. A bad line is handed
 * to {@code badLines} and passed over.
 */
final class PromptReader implements Iterator<ChatRequest> {

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final LineReader lines;
    private final JsonMapper json;
    private final int maxTokens;
    private final BiConsumer<InputLine, String> badLines;
    private final Map<String, Integer> lineOfId = new HashMap<>();
    private final Map<Integer, InputLine> open = new ConcurrentHashMap<>();
    private @Nullable ChatRequest next;
    private int index;
    private int requests;
    private boolean over;

    PromptReader(LineReader lines, JsonMapper json, int maxTokens, BiConsumer<InputLine, String> badLines) {
        this.lines = lines;
        this.json = json;
        this.maxTokens = maxTokens;
        this.badLines = badLines;
    }

    /** Where the request with this number, from 0, came from; returns it once. */
    InputLine take(int request) {
        InputLine line = open.remove(request);
        if (line == null) {
            throw new IllegalStateException("request " + request + " has two outcomes, or was never sent");
        }
        return line;
    }

    @Override
    public boolean hasNext() {
        while (next == null && !over) {
            byte[] line = read();
            over = line == null;
            if (line != null && !LineReader.isBlank(line)) {
                next = request(line);
            }
        }
        return next != null;
    }

    @Override
    public ChatRequest next() {
        ChatRequest request = hasNext() ? next : null;
        if (request == null) {
            throw new NoSuchElementException("the input has ended");
        }
        next = null;
        return request;
    }

    private byte @Nullable [] read() {
        try {
            return lines.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable ChatRequest request(byte[] line) {
        int place = index++;
        String id = "";
        try {
            JsonNode prompt = parse(line);
            id = id(prompt);
            Integer before = lineOfId.putIfAbsent(id, lines.number());
            if (before != null) {
                throw new BadLineException("the id was used in line " + before + " already");
            }
            ChatRequest request = Turn.request(turns(prompt), maxTokens);
            open.put(requests++, new InputLine(place, lines.number(), id));
            return request;
        } catch (BadLineException | IllegalArgumentException e) {
            badLines.accept(new InputLine(place, lines.number(), id), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private JsonNode parse(byte[] line) throws BadLineException {
        if (line.length > LineReader.LONGEST) {
            throw new BadLineException("the line is longer than 8 MiB");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            boolean marked = lines.number() == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            JsonNode node = json.readTree(marked ? text.substring(1) : text);
            if (!node.isObject()) {
                throw new BadLineException("the line is no JSON object");
            }
            return node;
        } catch (CharacterCodingException e) {
            throw new BadLineException("the line is not UTF-8");
        } catch (JacksonException e) {
            throw new BadLineException("the line is not JSON");
        }
    }

    private static String id(JsonNode prompt) throws BadLineException {
        JsonNode id = prompt.path("id");
        if (id.isString() && !id.stringValue().isBlank()) {
            return id.stringValue();
        }
        if (id.isIntegralNumber()) {
            return id.asString();
        }
        throw new BadLineException("the field id is missing, or no text");
    }

    private List<@Nullable Turn> turns(JsonNode prompt) throws BadLineException {
        JsonNode text = prompt.path("prompt");
        JsonNode messages = prompt.path("messages");
        if (text.isString() && messages.isMissingNode()) {
            if (text.stringValue().isBlank()) {
                throw new BadLineException("the prompt is blank");
            }
            return List.of(new Turn("user", text.stringValue(), null));
        }
        if (messages.isArray() && text.isMissingNode()) {
            try {
                return Arrays.asList(json.treeToValue(messages, Turn[].class));
            } catch (JacksonException e) {
                throw new BadLineException("messages must be a list of {role, content}");
            }
        }
        throw new BadLineException("the line needs either prompt, a text, or messages, a list");
    }
}
