package dev.kimi.gateway.messages;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads a request once, from its first byte to its last, and keeps no text of it but the model and the user. Members at
 * the top that the gateway reads may stand there once, so that it cannot be led to another value than the service
 * reads; of others, and deeper down, the last of the same name counts.
 */
final class BodyScan {

    private static final Set<String> SAMPLING = Set.of("temperature", "top_p", "top_k");
    private static final int MAX_MODEL = 256;

    private final JsonParser in;
    private final int length;
    private final TokenCount tokens = new TokenCount();
    private final Set<String> seen = new HashSet<>();
    private final List<ByteEdits.Edit> unsigned = new ArrayList<>(0);

    private String model = "";
    private int modelStart;
    private int modelEnd;
    private boolean streamed;
    private long maxTokens;
    private @Nullable String userId;
    private @Nullable String sampling;

    private BodyScan(JsonParser in, int length) {
        this.in = in;
        this.length = length;
    }

    /** @throws dev.kimi.gateway.dialect.GatewayException if it is no JSON, or no request of the protocol */
    static ScannedBody of(byte[] body) {
        try (JsonParser in = Json.FACTORY.createParser(ObjectReadContext.empty(), body)) {
            return new BodyScan(in, body.length).scan();
        } catch (JacksonException e) {
            throw Json.unreadable(e);
        }
    }

    private ScannedBody scan() {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw Invalid.request("The body must be a JSON object.");
        }
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            in.nextToken();
            member(name);
        }
        if (in.nextToken() != null) {
            throw Invalid.request("The body must be one JSON object, with nothing behind it.");
        }
        if (!seen.contains("model")) {
            throw Invalid.request("model: Field required");
        }
        if (!seen.contains("messages")) {
            throw Invalid.request("messages: Field required");
        }
        return new ScannedBody(
                model,
                modelStart,
                modelEnd,
                streamed,
                maxTokens,
                userId,
                sampling,
                tokens.of(length),
                List.copyOf(unsigned));
    }

    private void member(String name) {
        switch (name) {
            case "model" -> model(once(name));
            case "messages" -> messages(once(name));
            case "stream" -> stream(once(name));
            case "max_tokens" -> maxTokens(once(name));
            case "metadata" -> metadata(once(name));
            case "system" -> blocks(null);
            case "tools" -> tools();
            default -> {
                if (SAMPLING.contains(name) && sampling == null && in.currentToken() != JsonToken.VALUE_NULL) {
                    sampling = name;
                }
                in.skipChildren();
            }
        }
    }

    private String once(String name) {
        if (!seen.add(name)) {
            throw Invalid.request(name + ": stands in the body twice. Send it once.");
        }
        return name;
    }

    private void model(String name) {
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            throw Invalid.request(name + ": Input should be a valid string");
        }
        modelStart = start();
        model = in.getString();
        modelEnd = end();
        if (model.isBlank() || model.length() > MAX_MODEL) {
            throw Invalid.request(name + ": must have 1 to " + MAX_MODEL + " characters");
        }
    }

    private void stream(String name) {
        JsonToken token = in.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE && token != JsonToken.VALUE_NULL) {
            throw Invalid.request(name + ": Input should be a valid boolean");
        }
        streamed = token == JsonToken.VALUE_TRUE;
    }

    private void maxTokens(String name) {
        JsonToken token = in.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.VALUE_NUMBER_INT || in.getNumberType() != JsonParser.NumberType.INT) {
            throw Invalid.request(name + ": Input should be a valid integer, 0 to " + Integer.MAX_VALUE);
        }
        maxTokens = in.getIntValue();
        if (maxTokens < 0) {
            throw Invalid.request(name + ": must be at least 0");
        }
    }

    private void metadata(String name) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw Invalid.request(name + ": Input should be a valid object");
        }
        for (String member = in.nextName(); member != null; member = in.nextName()) {
            if (in.nextToken() == JsonToken.VALUE_STRING && member.equals("user_id")) {
                userId = in.getString();
            }
            in.skipChildren();
        }
    }

    private void tools() {
        if (in.currentToken() == JsonToken.START_ARRAY) {
            while (in.nextToken() != JsonToken.END_ARRAY) {
                tokens.tool();
                in.skipChildren();
            }
        } else {
            in.skipChildren();
        }
    }

    private void messages(String name) {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw Invalid.request(name + ": Input should be a valid array");
        }
        int index = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (in.currentToken() != JsonToken.START_OBJECT) {
                throw Invalid.request(name + "." + index + ": Input should be a valid object");
            }
            tokens.message();
            for (String member = in.nextName(); member != null; member = in.nextName()) {
                in.nextToken();
                if (member.equals("content")) {
                    blocks(new ElementCuts(unsigned));
                } else {
                    in.skipChildren();
                }
            }
            index++;
        }
    }

    /** @param cuts for thinking that Claude has not signed, null where there can be none */
    private void blocks(@Nullable ElementCuts cuts) {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            in.skipChildren();
            return;
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
            int from = start();
            boolean cut = in.currentToken() == JsonToken.START_OBJECT ? block() : skipped();
            if (cuts != null) {
                cuts.element(from, end(), cut);
            }
        }
        if (cuts != null) {
            cuts.end();
        }
    }

    private boolean skipped() {
        in.finishToken();
        in.skipChildren();
        return false;
    }

    /** Whether it is thinking that Claude has not signed. */
    private boolean block() {
        String type = "";
        String signature = "";
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            JsonToken token = in.nextToken();
            boolean text = token == JsonToken.VALUE_STRING;
            switch (name) {
                case "type" -> type = text ? in.getString() : "";
                case "signature" -> {
                    signature = text ? in.getString() : "";
                    tokens.uncounted(signature.length());
                }
                case "source" -> source();
                case "content" -> blocks(null);
                default -> in.skipChildren();
            }
        }
        return type.equals("thinking") && (signature.isEmpty() || GatewaySignature.isOwn(signature));
    }

    /** Of an image or a document; base64 says nothing of how many tokens it is read as. */
    private void source() {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            in.skipChildren();
            return;
        }
        String type = "";
        String mediaType = "";
        int data = 0;
        JsonToken next = in.nextToken();
        while (next == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            boolean text = in.nextToken() == JsonToken.VALUE_STRING;
            int from = start();
            switch (name) {
                case "type" -> type = text ? in.getString() : "";
                case "media_type" -> mediaType = text ? in.getString() : "";
                case "content" -> blocks(null);
                default -> in.skipChildren();
            }
            next = in.nextToken();
            if (text && name.equals("data")) {
                data = start() - from;
            }
        }
        if (type.equals("base64")) {
            tokens.file(mediaType, data);
        } else if (type.equals("url") || type.equals("file")) {
            tokens.file(mediaType, 0);
        }
    }

    private int start() {
        return (int) in.currentTokenLocation().getByteOffset();
    }

    private int end() {
        return (int) in.currentLocation().getByteOffset();
    }
}
