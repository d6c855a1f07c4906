package dev.kimi.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the front page shows must compile, and what it points to must be there. */
class ReadmeTest {

    private static final Path ROOT = Path.of(System.getProperty("basedir", ""), "../..");
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^):#]+)\\)");
    private static final String IMPORTS = """
            import dev.kimi.*;
            import dev.kimi.chat.*;
            import dev.kimi.error.*;
            import org.springframework.web.bind.annotation.*;
            """;

    @TempDir
    Path folder;

    @Test
    void its_code_compiles() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        Matcher code = JAVA.matcher(Files.readString(ROOT.resolve("README.md")));
        while (code.find()) {
            sources.add(source("Snippet" + sources.size(), code.group(1)));
        }
        StringWriter complaints = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

        boolean compiled = compiler.getTask(
                        complaints, null, null, List.of("-d", folder.toString(), "-proc:none"), null, sources)
                .call();

        assertThat(compiled).as(complaints.toString()).isTrue();
        assertThat(sources).hasSizeGreaterThan(1);
    }

    @Test
    void its_links_lead_somewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        Matcher link = LINK.matcher(Files.readString(ROOT.resolve("README.md")));
        int links = 0;
        while (link.find()) {
            links++;
            if (!Files.exists(ROOT.resolve(link.group(1)))) {
                broken.add(link.group(1));
            }
        }

        assertThat(links).isGreaterThan(8);
        assertThat(broken).isEmpty();
    }

    private static JavaFileObject source(String name, String code) {
        boolean whole = code.contains("class ");
        String text = IMPORTS + (whole ? code : "class " + name + " { void run() {\n" + code + "}}");
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
