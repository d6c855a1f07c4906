package dev.kimi.starter.feign.internal;

import dev.kimi.transport.RequestBody;
import feign.RequestTemplate;
import feign.codec.EncodeException;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamSource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.web.multipart.MultipartFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A body of type {@code multipart/form-data}, whose files are read as they are sent and never whole in memory. A
 * {@link Path}, {@link File}, {@link Resource} or {@link MultipartFile} is a file, as are bytes; a text, number, truth
 * value or constant is a field; a collection is several parts of one name, and anything else a part in JSON.
 */
final class MultipartForm {

    private final String boundary = "kimi-" + UUID.randomUUID();
    private final List<FormPiece> pieces = new ArrayList<>();
    private final JsonMapper mapper;

    private MultipartForm(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /** Whether the method says that it sends one. */
    static boolean isAskedFor(RequestTemplate template) {
        Collection<String> types = template.headers().getOrDefault("Content-Type", List.of());
        return types.stream().anyMatch(type -> type.startsWith(MediaType.MULTIPART_FORM_DATA_VALUE));
    }

    /**
     * A form of parts.
     *
     * @param parts by their names; null is left out
     * @throws EncodeException if a part cannot be read or written
     */
    static MultipartForm of(Map<?, ?> parts, JsonMapper mapper) {
        MultipartForm form = new MultipartForm(mapper);
        parts.forEach((name, value) -> {
            try {
                form.add(String.valueOf(name), value);
            } catch (IOException e) {
                throw new EncodeException("The part '" + name + "' cannot be read: " + e + ".", e);
            }
        });
        form.text("--" + form.boundary + "--\r\n");
        return form;
    }

    String contentType() {
        return MediaType.MULTIPART_FORM_DATA_VALUE + "; boundary=" + boundary;
    }

    /** Can be sent again if all its files can be read again. */
    RequestBody body() {
        long length = 0;
        boolean replayable = true;
        for (FormPiece piece : pieces) {
            boolean known = piece.length() >= 0 && length >= 0;
            length = known ? length + piece.length() : RequestBody.UNKNOWN_LENGTH;
            replayable = replayable && piece.replayable();
        }
        return replayable
                ? RequestBody.ofInputStreams(() -> new FormStream(pieces), length)
                : RequestBody.ofInputStream(new FormStream(pieces), length);
    }

    private void add(String name, @Nullable Object value) throws IOException {
        if (value instanceof Collection<?> several) {
            for (Object one : several) {
                add(name, one);
            }
        } else if (value instanceof Path path) {
            Path fileName = path.getFileName();
            String shown = fileName == null ? name : fileName.toString();
            file(name, shown, null, new FormPiece(() -> Files.newInputStream(path), Files.size(path), true));
        } else if (value instanceof File file) {
            add(name, file.toPath());
        } else if (value instanceof MultipartFile file) {
            String original = file.getOriginalFilename();
            FormPiece content = new FormPiece(file, file.getSize(), true);
            file(name, original == null ? name : original, file.getContentType(), content);
        } else if (value instanceof Resource resource) {
            String fileName = resource.getFilename();
            long length = resource.isOpen() ? RequestBody.UNKNOWN_LENGTH : resource.contentLength();
            FormPiece content = new FormPiece(resource, length, !resource.isOpen());
            file(name, fileName == null ? name : fileName, null, content);
        } else if (value instanceof byte[] bytes) {
            file(name, name, null, FormPiece.of(bytes));
        } else if (value != null) {
            field(name, value);
        }
    }

    private void file(String name, String fileName, @Nullable String type, FormPiece content) {
        String mediaType = type != null && !type.isBlank() ? escaped(type) : typeOf(fileName);
        text("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + escaped(name) + "\"; filename=\""
                + escaped(fileName) + "\"\r\nContent-Type: " + mediaType + "\r\n\r\n");
        pieces.add(content);
        text("\r\n");
    }

    private static String typeOf(String fileName) {
        return MediaTypeFactory.getMediaType(fileName)
                .orElse(MediaType.APPLICATION_OCTET_STREAM)
                .toString();
    }

    private void field(String name, Object value) {
        boolean plain = value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Enum<?>;
        text("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + escaped(name) + "\"\r\n"
                + (plain ? "" : "Content-Type: application/json\r\n") + "\r\n" + (plain ? value : json(name, value))
                + "\r\n");
    }

    private String json(String name, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
            // without its cause, whose message may quote the value
            throw new EncodeException(
                    "The part '" + name + "', a " + value.getClass().getTypeName() + ", cannot be written as JSON.");
        }
    }

    /** As browsers write names, so that none ends the header that it stands in. */
    private static String escaped(String name) {
        return name.replace("\r", "%0D").replace("\n", "%0A").replace("\"", "%22");
    }

    private void text(String text) {
        pieces.add(FormPiece.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A piece of the body.
     *
     * @param source opens it
     * @param length its bytes, or {@link RequestBody#UNKNOWN_LENGTH}
     * @param replayable whether it can be opened again
     */
    record FormPiece(InputStreamSource source, long length, boolean replayable) {

        private static FormPiece of(byte[] bytes) {
            return new FormPiece(() -> new ByteArrayInputStream(bytes), bytes.length, true);
        }
    }
}
