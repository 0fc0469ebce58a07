"""What a server needs beside its pages: warming up, health, headers, logs, and stopping well."""
