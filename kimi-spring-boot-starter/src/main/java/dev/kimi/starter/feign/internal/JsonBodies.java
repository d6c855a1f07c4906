package dev.kimi.starter.feign.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.transport.RequestBody;
import feign.RequestTemplate;
import feign.Response;
import feign.Util;
import feign.codec.Decoder;
import feign.codec.EncodeException;
import feign.codec.Encoder;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Bodies as JSON, unless they are a form of parts or a source; by a mapper of our own: what the application sets for
 * its own JSON must not change what goes to the service. Unknown members are ignored, missing ones are null or zero.
 */
final class JsonBodies implements Encoder, Decoder {

    private static final String CONTENT_TYPE = "Content-Type";

    private static final int NO_CONTENT = 204;

    private static final int RESET_CONTENT = 205;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            // a null that a caller puts into a map is meant
            .changeDefaultPropertyInclusion(
                    none -> JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    private final StreamedBodies streamed;

    JsonBodies(StreamedBodies streamed) {
        this.streamed = streamed;
    }

    /** Whether there is a way to read a body into the type; that a body fits it is another matter. */
    boolean canRead(Type type) {
        return isVoid(type) || type == byte[].class || type == String.class || canRead(MAPPER.constructType(type));
    }

    /** Whether there is a way to read lines of a body into the type. */
    boolean canReadLines(Type line) {
        return canRead(MAPPER.constructType(line));
    }

    private static boolean canRead(JavaType type) {
        JavaType content = type.getContentType();
        if (content != null && !canRead(content)) {
            return false;
        }
        try {
            MAPPER.readValue("{}", type);
            return true;
        } catch (InvalidDefinitionException e) {
            return false;
        } catch (JacksonException e) {
            return true; // an empty object does not fit, another body may
        }
    }

    private static boolean isVoid(Type type) {
        return type == void.class || type == Void.class;
    }

    @Override
    public void encode(Object body, Type type, RequestTemplate template) {
        if (body instanceof RequestBody source) {
            template.body(streamed.placeholder(source), StandardCharsets.UTF_8);
            return;
        }
        if (MultipartForm.isAskedFor(template) && body instanceof Map<?, ?> parts) {
            MultipartForm form = MultipartForm.of(parts, MAPPER);
            template.body(streamed.placeholder(form.body()), StandardCharsets.UTF_8);
            template.removeHeader(CONTENT_TYPE).header(CONTENT_TYPE, form.contentType());
            return;
        }
        template.body(bytes(body, type), StandardCharsets.UTF_8);
        template.removeHeader(CONTENT_TYPE).header(CONTENT_TYPE, "application/json");
    }

    private static byte[] bytes(Object body, Type type) {
        if (body instanceof byte[] raw) {
            return raw;
        }
        if (body instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return MAPPER.writeValueAsBytes(body);
        } catch (JacksonException e) {
            // without its cause, whose message may quote the body
            throw new EncodeException("The body, a " + type.getTypeName() + ", cannot be written as JSON.");
        }
    }

    @Override
    public @Nullable Object decode(Response response, Type type) throws IOException {
        Type line = JsonLines.lineOf(type);
        if (line != null) {
            return JsonLines.read(response, line, MAPPER.readerFor(MAPPER.constructType(line)));
        }
        byte[] body = response.body() == null
                ? new byte[0]
                : Util.toByteArray(response.body().asInputStream());
        if (isVoid(type)) {
            return null;
        }
        if (type == byte[].class) {
            return body;
        }
        if (type == String.class) {
            return new String(body, StandardCharsets.UTF_8);
        }
        if (response.status() == NO_CONTENT || response.status() == RESET_CONTENT) {
            return Util.emptyValueOf(type);
        }
        try {
            return MAPPER.readValue(body, MAPPER.constructType(type));
        } catch (JacksonException e) {
            // without its cause, whose message may quote the response
            throw new ServerException(
                    "The response does not fit " + type.getTypeName() + ".",
                    KimiException.Details.builder().status(response.status()).build(),
                    null);
        }
    }
}
