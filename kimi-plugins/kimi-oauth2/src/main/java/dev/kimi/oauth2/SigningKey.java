package dev.kimi.oauth2;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A private key of a PEM file with the algorithm of its type: {@code RS256} for RSA, {@code PS256} for RSASSA-PSS,
 * {@code ES256} for the curve P-256. Prints the algorithm only.
 */
final class SigningKey {

    private static final String SETTING = "private-key-file";
    private static final int MAX_FILE_BYTES = 64 << 10;
    private static final int MIN_RSA_BITS = 2048;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    private static final String SUPPORTED =
            "Write the path of a PEM file with a key of RSA (2048 bits or more), RSASSA-PSS or the curve P-256.";

    private final PrivateKey privateKey;
    private final String algorithm;

    private SigningKey(PrivateKey privateKey, String algorithm) {
        this.privateKey = privateKey;
        this.algorithm = algorithm;
    }

    /**
     * The key of the file that the settings name.
     *
     * @throws ConfigurationException if the file cannot be read or holds no key that can be used
     */
    static SigningKey of(ProviderSettings settings) {
        String text = read(settings, settings.require(SETTING));
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw wrong(settings, "holds no private key in PEM format", SUPPORTED);
        }
        if (!pem.group(1).equals("PRIVATE KEY") || pem.group(2).contains(":")) {
            boolean encrypted =
                    pem.group(1).startsWith("ENCRYPTED") || pem.group(2).contains(":");
            throw wrong(
                    settings,
                    encrypted ? "holds an encrypted key" : "holds a '" + pem.group(1) + "', which is not PKCS#8",
                    "Convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key-pkcs8.pem");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(pem.group(2));
        } catch (IllegalArgumentException e) {
            throw wrong(settings, "holds a private key that is no Base64", SUPPORTED);
        }
        try {
            PrivateKey decoded = decoded(encoded);
            String algorithm = decoded == null ? null : algorithm(decoded);
            if (decoded == null || algorithm == null) {
                throw wrong(settings, "holds a key of a type that is not supported", SUPPORTED);
            }
            SigningKey key = new SigningKey(decoded, algorithm);
            key.signature(new byte[0]);
            return key;
        } catch (GeneralSecurityException e) {
            throw wrong(settings, "holds a key that this JVM cannot sign with", SUPPORTED);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static String read(ProviderSettings settings, String place) {
        if (place.contains("-----BEGIN")) {
            throw new ConfigurationException(
                    settings.fullName(SETTING),
                    "The setting " + settings.fullName(SETTING) + " holds a key instead of the path of its file.",
                    "Write the key into a file that only this application may read, and its path here.");
        }
        try {
            Path file = Path.of(place);
            if (Files.isDirectory(file)) {
                throw wrong(settings, "is a folder", SUPPORTED);
            }
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw wrong(settings, "is larger than " + MAX_FILE_BYTES + " bytes", SUPPORTED);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException | InvalidPathException e) {
            throw wrong(settings, "does not exist", SUPPORTED);
        } catch (AccessDeniedException e) {
            throw wrong(settings, "may not be read by this process", "Let the user of this process read it.");
        } catch (IOException e) {
            throw wrong(settings, "cannot be read (" + e.getClass().getSimpleName() + ")", SUPPORTED);
        }
    }

    private static ConfigurationException wrong(ProviderSettings settings, String problem, String fix) {
        String name = settings.fullName(SETTING);
        return new ConfigurationException(name, "The file of the setting " + name + " " + problem + ".", fix);
    }

    private static @Nullable PrivateKey decoded(byte[] pkcs8) throws GeneralSecurityException {
        for (String type : List.of("RSA", "RSASSA-PSS", "EC")) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException otherType) {
                // the next one may read it
            }
        }
        return null;
    }

    private static @Nullable String algorithm(PrivateKey key) {
        if (key instanceof RSAKey rsa) {
            boolean pss = key.getAlgorithm().equals("RSASSA-PSS");
            return rsa.getModulus().bitLength() < MIN_RSA_BITS ? null : pss ? "PS256" : "RS256";
        }
        return key instanceof ECKey ec && ec.getParams().getOrder().bitLength() == 256 ? "ES256" : null;
    }

    /** The name of RFC 7518. */
    String algorithm() {
        return algorithm;
    }

    byte[] sign(byte[] input) {
        try {
            return signature(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that has signed before does not sign with " + algorithm, e);
        }
    }

    private byte[] signature(byte[] input) throws GeneralSecurityException {
        Signature signature = switch (algorithm) {
            case "RS256" -> Signature.getInstance("SHA256withRSA");
            case "ES256" -> Signature.getInstance("SHA256withECDSAinP1363Format");
            default -> Signature.getInstance("RSASSA-PSS");
        };
        if (algorithm.equals("PS256")) {
            signature.setParameter(new PSSParameterSpec(
                    "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, PSSParameterSpec.TRAILER_FIELD_BC));
        }
        signature.initSign(privateKey);
        signature.update(input);
        return signature.sign();
    }

    @Override
    public String toString() {
        return "SigningKey[" + algorithm + ", ****]";
    }
}
