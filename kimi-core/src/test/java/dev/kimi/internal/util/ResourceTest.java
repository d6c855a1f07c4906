package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ResourceTest {

    @Test
    void the_vocabulary_of_errors_has_a_lower_case_word_on_each_line_in_order() {
        List<String> words = new String(
                        Resource.bytes(ErrorTextRedactor.class, "error-vocabulary.txt"), StandardCharsets.UTF_8)
                .lines()
                .toList();

        assertThat(words).hasSizeGreaterThan(600).doesNotHaveDuplicates().isSorted();
        assertThat(words).allSatisfy(word -> assertThat(word).matches("[a-z0-9][a-z0-9_./-]*"));
        assertThat(words)
                .allSatisfy(
                        word -> assertThat(ErrorTextRedactor.isHarmless(word)).isTrue());
    }

    @Test
    void a_resource_that_was_not_packed_is_named_with_what_to_do() {
        assertThatThrownBy(() -> Resource.bytes(ResourceTest.class, "absent.txt"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("absent.txt")
                .hasMessageContaining("pack kimi-core with its resources");
    }

    @Test
    void a_native_image_has_every_resource() throws IOException, URISyntaxException {
        Path classes = Path.of(Resource.class
                        .getResource("/META-INF/native-image/dev.kimi/kimi-core/resource-config.json")
                        .toURI())
                .resolve("../../../../..")
                .normalize();
        String config =
                Files.readString(classes.resolve("META-INF/native-image/dev.kimi/kimi-core/resource-config.json"));
        List<String> resources;
        try (Stream<Path> files = Files.walk(classes.resolve("dev"))) {
            resources = files.filter(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".class"))
                    .map(file -> classes.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }

        assertThat(resources)
                .hasSizeGreaterThan(3)
                .allSatisfy(resource -> assertThat(config).contains("\\\\Q" + resource + "\\\\E"));
    }
}
