from hypothesis import settings

settings.register_profile("synths", deadline=None)  # a shared machine stalls now and then
settings.load_profile("synths")
