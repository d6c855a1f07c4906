package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserAgentTest {

    private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");

    @TempDir
    private Path folder;

    private static String expected() throws IOException {
        Matcher version = VERSION.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        return "kimi-java/" + version.group(1) + " Java/" + Runtime.version().feature();
    }

    private static Path classes() throws Exception {
        return Path.of(UserAgent.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static String loadedFrom(Path place) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {place.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Class<?> type = Class.forName(UserAgent.class.getName(), true, loader);
            return (String) type.getField("LIBRARY").get(null);
        }
    }

    @Test
    void it_names_the_version_that_was_built() throws Exception {
        assertThat(UserAgent.LIBRARY).isEqualTo(expected());
    }

    @Test
    void a_jar_that_holds_everything_and_has_a_version_of_its_own_does_not_change_it() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "9.9-of-the-application");
        Path jar = folder.resolve("application.jar");
        Path classes = classes();
        try (Stream<Path> files = Files.walk(classes.resolve("dev/kimi/internal/util"));
                OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            for (Path file : all) {
                entries.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }

        assertThat(loadedFrom(jar)).isEqualTo(expected());
    }

    @Test
    void classes_that_were_compiled_without_their_resources_name_no_version() throws Exception {
        Path classes = classes();
        for (String name : List.of("UserAgent", "HttpText")) {
            Path file = Path.of("dev/kimi/internal/util", name + ".class");
            Files.createDirectories(folder.resolve(file).getParent());
            Files.copy(classes.resolve(file), folder.resolve(file));
        }
        assertThat(loadedFrom(folder)).startsWith("kimi-java/unknown Java/");

        Files.writeString(folder.resolve("dev/kimi/internal/util/version.txt"), "${project.version}");
        assertThat(loadedFrom(folder)).startsWith("kimi-java/unknown Java/");
    }

    @Test
    void the_program_comes_first() {
        assertThat(UserAgent.of("my-app/1.2")).isEqualTo("my-app/1.2 " + UserAgent.LIBRARY);
        assertThat(UserAgent.of(null)).isEqualTo(UserAgent.LIBRARY);
    }
}
