"""The devices' scripts in ES5, and the tables that they share with the server."""
