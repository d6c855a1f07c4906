package dev.kimi.docs;

import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.KimiApi.StoredFile;
import java.nio.file.Path;
import org.springframework.stereotype.Service;

// snippet:spring-files
@Service
class Scans {

    private final KimiApi api;

    Scans(KimiApi api) {
        this.api = api;
    }

    String text(Path scan) {
        StoredFile file = api.upload("file-extract", scan);
        try {
            return api.fileContent(file.id());
        } finally {
            api.deleteFile(file.id());
        }
    }
}
// end
